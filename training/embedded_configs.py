"""Writes the configurations that the embedded Triton reads instead: the same models without the dynamic batcher.

    python -m training.embedded_configs

The scheduler thread of Triton 2.51's dynamic batcher now and then misses the moment at which the one instance of a
model becomes free, and then sleeps for its default half second while requests wait: two or more callers at once meet
stalls of 500 ms. On a CPU one thread gains next to nothing from a batch either. So `configs/embedded.pbtxt`, which
`--model-config-name=embedded` selects (a model without one is served by its `config.pbtxt`), lets the instances take
requests one by one; the ordinary configurations keep the batcher for servers with accelerators. The model of most calls
has two instances instead, one for each core that the smallest machine has.
"""

import re
from pathlib import Path

from training.text.paths import REPOSITORY

NAME = "embedded.pbtxt"
_BATCHER = re.compile(r"^dynamic_batching \{\n(?:  .*\n)*\}\n", re.MULTILINE)
_ONE_INSTANCE = "instance_group [ { count: 1 } ]"
_INSTANCES = {"text_bert": 2}
_HEAD = "# As ../config.pbtxt, without its dynamic batcher. Written by `python -m training.embedded_configs`.\n"


def embedded(config: str) -> str | None:
    """Return the configuration without its dynamic batcher, None if it has none."""
    rest, found = _BATCHER.subn("", config)
    for name, count in _INSTANCES.items():
        if f'name: "{name}"\nbackend' in rest:
            rest = rest.replace(_ONE_INSTANCE, _ONE_INSTANCE.replace("1", str(count)))
    return _HEAD + re.sub(r"\A(#.*\n)+", "", rest) if found else None


def write_embedded(repository: Path) -> None:
    """Write the second configuration of every model that has a dynamic batcher."""
    for path in sorted(repository.glob("*/config.pbtxt")):
        text = embedded(path.read_text("utf-8"))
        if text is not None:
            target = path.parent / "configs" / NAME
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, "utf-8")


if __name__ == "__main__":
    write_embedded(REPOSITORY)
