"""Write the Triton configurations that carry label names and tensor sizes of the text models."""

from pathlib import Path

from training.embedded_configs import write_embedded
from training.text.expand import EMOTIONS, INTENTS
from training.text.tags import TAGS

_POLICY = "default_queue_policy { max_queue_size: 512 }"


def write_configs(repository: Path, joint_width: int | None) -> None:
    """Write every `config.pbtxt` of the text models, and the label files of `utterance`.

    Args:
        repository: The model repository.
        joint_width: Width of JOINT_EMBEDDING, None as long as there is no projection into the shared space.
    """
    for name, text in _configs(joint_width).items():
        folder = repository / name
        (folder / "1").mkdir(parents=True, exist_ok=True)
        part = folder / "config.pbtxt.part"
        part.write_text(text, "utf-8")
        part.replace(folder / "config.pbtxt")
    write_embedded(repository)
    (repository / "utterance" / "intents.txt").write_text("\n".join(INTENTS) + "\n", "utf-8")
    (repository / "utterance" / "emotions.txt").write_text("\n".join(EMOTIONS) + "\n", "utf-8")


def _configs(joint_width: int | None) -> dict[str, str]:
    joint = f',\n  {{ name: "JOINT_EMBEDDING" data_type: TYPE_FP32 dims: [ {joint_width} ] }}' if joint_width else ""
    mapped = '\n      output_map { key: "JOINT_EMBEDDING" value: "JOINT_EMBEDDING" }' if joint_width else ""
    names = {"intents": INTENTS, "emotions": EMOTIONS, "tags": TAGS}
    labels = "\n".join(
        f'parameters {{ key: "{key}" value: {{ string_value: "{",".join(value)}" }} }}' for key, value in names.items()
    )
    values = {
        "JOINT": joint,
        "MAPPED": mapped,
        "LABELS": labels,
        "TAGS": ",".join(TAGS),
        "N_TAGS": str(len(TAGS)),
        "POLICY": _POLICY,
    }
    values |= {"N_INTENTS": str(len(INTENTS)), "N_EMOTIONS": str(len(EMOTIONS))}
    templates = sorted((Path(__file__).parent / "configs").glob("*.pbtxt"))
    return {path.stem: _fill(path.read_text("utf-8"), values) for path in templates}


def _fill(text: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text
