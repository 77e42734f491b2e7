"""What a model repository can serve is read from its files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tritonclient.grpc import aio

from launcher.errors import LauncherError
from launcher.triton.repository import scan
from tests.conftest import ROOT
from training.embedded_configs import embedded

pytestmark = pytest.mark.unit


def model(root: Path, name: str, *files: str, config: str = 'backend: "python"') -> None:
    """Writes a model folder."""
    (root / name / "1").mkdir(parents=True)
    (root / name / "config.pbtxt").write_text(f'name: "{name}"\n{config}\n')
    for file in files:
        (root / name / "1" / file).touch()


def ensemble(*parts: str) -> str:
    """The part of an ensemble's config that matters here."""
    steps = "\n".join(f'{{\n model_name: "{part}"\n}}' for part in parts)
    return f'platform: "ensemble"\nensemble_scheduling {{ step [ {steps} ] }}'


def test_model_without_weights_takes_its_ensembles_with_it(tmp_path: Path) -> None:
    """What cannot be loaded is left out by name, with all that is built on it; the rest is served."""
    model(tmp_path, "tokenizer", "model.py")
    model(tmp_path, "bert", "model.onnx")
    model(tmp_path, "tower", config='backend: "onnxruntime"')
    model(tmp_path, "text", config=ensemble("tokenizer", "bert"))
    model(tmp_path, "picture", config=ensemble("tower"))
    model(tmp_path, "both", config=ensemble("text", "picture"))
    found = scan(tmp_path)
    assert found.models == ("bert", "text", "tokenizer")
    assert found.ensembles == {"text"}
    assert found.unbuilt == ("both", "picture", "tower")


def test_path_with_a_space_is_refused(tmp_path: Path) -> None:
    """Triton does not take one, so it is said before the start."""
    folder = tmp_path / "my models"
    folder.mkdir()
    with pytest.raises(LauncherError, match="space"):
        scan(folder)


def test_missing_repository_is_a_sentence(tmp_path: Path) -> None:
    """A wrong path is said in words."""
    with pytest.raises(LauncherError, match="No model repository"):
        scan(tmp_path / "none")


def test_configs_hold_what_both_backends_need() -> None:
    """Every config here is complete, names its folder, and has nothing that only one kind of machine can load."""
    for path in (ROOT / "model_repository").glob("*/config.pbtxt"):
        text = path.read_text()
        assert f'name: "{path.parent.name}"' in text
        assert "max_batch_size" in text
        assert 'backend: "' in text or 'platform: "ensemble"' in text
        for word in ("KIND_GPU", "KIND_CPU", "EXECUTION_ENV_PATH"):
            assert word not in text, f"{path.parent.name}: {word}"


def test_embedded_configs_are_the_ordinary_ones_without_the_batcher() -> None:
    """What the embedded server reads instead follows its original; every model with a batcher has one."""
    for path in (ROOT / "model_repository").glob("*/config.pbtxt"):
        wanted = embedded(path.read_text(encoding="utf-8"))
        beside = path.parent / "configs" / "embedded.pbtxt"
        assert (beside.read_text(encoding="utf-8") if beside.exists() else None) == wanted, path.parent.name
        assert "dynamic_batching" not in (wanted or "")


@pytest.mark.integration
async def test_the_embedded_server_has_no_dynamic_batcher(triton_url: str) -> None:
    """Callers at once wait for a model's instance and never for a scheduler that overslept."""
    async with aio.InferenceServerClient(triton_url) as client:
        config = (await client.get_model_config("text_bert")).config
    assert not config.HasField("dynamic_batching")
