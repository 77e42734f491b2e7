"""The networks, their fast convolutions, their storage and their search. Needs torch: `make test-training` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from training.vision.augment import composite, plain
from training.vision.beam import BeamSearch
from training.vision.captioner import Captioner
from training.vision.gemm import GemmConv2d, use_gemm
from training.vision.storage import as_stored, quantise
from training.vision.tower import StickerTower, TextProjection
from training.vision.vocabulary import END, MAX_TOKENS, START

pytestmark = pytest.mark.unit

_SIZE, _WORDS, _JOINT, _KNOWN = 64, 40, 256, 270


def _known(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a joint embedding and concepts, the same for the same count."""
    generator = torch.Generator().manual_seed(9)
    drawn = torch.rand((count, _KNOWN), generator=generator)
    return drawn[:, :_JOINT], drawn[:, _JOINT:]


@pytest.fixture(scope="module")
def captioner() -> Captioner:
    torch.manual_seed(0)
    return Captioner(_WORDS, _KNOWN).eval()


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (1, 2), (3, 1), (3, 2)])
def test_matrix_convolution_equals_the_native_one(kernel: int, stride: int) -> None:
    """Result and gradients are those of `nn.Conv2d`."""
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 6, kernel, stride, kernel // 2, bias=False)
    fast = nn.Conv2d(8, 6, kernel, stride, kernel // 2, bias=False)
    fast.load_state_dict(conv.state_dict())
    fast = use_gemm(fast, min_channels_3x3=8)
    assert isinstance(fast, GemmConv2d)
    image = torch.randn(2, 8, 7, 7)
    torch.testing.assert_close(fast(image), conv(image), atol=1e-5, rtol=1e-4)
    conv(image).square().sum().backward()
    fast(image).square().sum().backward()
    torch.testing.assert_close(fast.weight.grad, conv.weight.grad, atol=1e-3, rtol=1e-3)


def test_tower_gives_unit_vectors_and_logits() -> None:
    """The joint embedding has length one; every head has its classes."""
    torch.manual_seed(0)
    with torch.inference_mode():
        output = StickerTower().eval()(torch.randn(2, 3, _SIZE, _SIZE))
    torch.testing.assert_close(output.joint.norm(dim=1), torch.ones(2))
    assert output.features.shape == (2, 2048)
    assert (output.emotion.shape, output.polarity.shape) == ((2, 9), (2, 3))


def test_a_pretrained_backbone_is_taken_from_a_local_path(tmp_path: Path) -> None:
    """Tower and captioner start from checkpoints in a folder, weight for weight."""
    torch.manual_seed(1)
    tower, captioner = StickerTower(), Captioner(_WORDS, _KNOWN)
    tower.backbone.save_pretrained(tmp_path / "resnet")
    captioner.annotator.cnn.save_pretrained(tmp_path / "efficientnet")
    for ours, theirs in (
        (StickerTower(str(tmp_path / "resnet")).backbone, tower.backbone),
        (Captioner(_WORDS, _KNOWN, str(tmp_path / "efficientnet")).annotator.cnn, captioner.annotator.cnn),
    ):
        for name, value in theirs.state_dict().items():
            assert torch.equal(ours.state_dict()[name], value), name


def test_text_projection_starts_from_principal_components() -> None:
    """Started from texts that span few directions, it keeps their angles."""
    torch.manual_seed(0)
    texts = torch.randn(300, 20) @ torch.randn(20, 384)
    texts = nn.functional.normalize(texts, dim=1)
    projected = TextProjection(texts)(texts)
    torch.testing.assert_close(projected @ projected.T, texts @ texts.T, atol=1e-3, rtol=1e-3)


def test_stored_weights_are_eight_bit_and_close() -> None:
    """Each channel has at most 255 distinct values, and batch norms are folded without changing the result."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(16, 32, 3, bias=False), nn.BatchNorm2d(32)).eval()
    stored = as_stored(network)
    image = torch.randn(1, 16, 9, 9)
    assert isinstance(stored[1], nn.Identity)
    assert max(len(channel.unique()) for channel in stored[0].weight.flatten(1)) <= 255
    torch.testing.assert_close(stored(image), network(image), atol=0.05, rtol=0.05)


def test_rounding_twice_changes_nothing() -> None:
    """What was rounded is found again exactly, which the export relies on."""
    values = torch.randn(5, 7).numpy()
    first, scale = quantise(values, 0)
    second, _ = quantise((first * scale).astype("float32"), 0)
    assert (first == second).all()


def test_search_is_at_least_as_good_as_greedy(captioner: Captioner) -> None:
    """The best of three beams has no lower score per word than the single beam, and ends with END for good."""
    image = torch.randn(2, 3, _SIZE, _SIZE)
    language = torch.tensor([[0, 1], [1, 0]])
    with torch.inference_mode():
        one, three = (BeamSearch(captioner, beam, 6)(image, language, *_known(2)) for beam in (1, 3))
    assert three.token_ids.shape == (2, 2, 6)
    score = {name: found.token_probs.log().sum(2) for name, found in (("one", one), ("three", three))}
    ended = (three.token_ids == END).any(2) | (one.token_ids == END).any(2)
    assert (score["three"] >= score["one"] - 1e-4)[~ended].all()


def test_search_of_a_batch_equals_search_alone(captioner: Captioner) -> None:
    """A picture has the same caption beside others, in either order of languages."""
    image = torch.randn(2, 3, _SIZE, _SIZE)
    with torch.inference_mode():
        together = BeamSearch(captioner, 3, 5)(image, torch.tensor([[0, 1], [0, 1]]), *_known(2))
        alone = BeamSearch(captioner, 3, 5)(image[1:], torch.tensor([[1]]), *(known[1:] for known in _known(2)))
    assert together.token_ids[1, 1].tolist() == alone.token_ids[0, 0].tolist()


def test_attention_is_a_distribution(captioner: Captioner) -> None:
    """Each word's attention sums to one over the places."""
    with torch.inference_mode():
        found = BeamSearch(captioner)(torch.randn(1, 3, _SIZE, _SIZE), torch.tensor([[0]]), *_known(1))
    assert found.attention.shape[:3] == (1, 1, MAX_TOKENS)
    torch.testing.assert_close(found.attention.sum((3, 4)), torch.ones(1, 1, MAX_TOKENS))


def test_teaching_and_search_agree(captioner: Captioner) -> None:
    """The first word that a greedy search finds is the likeliest one under teacher forcing."""
    image = torch.randn(1, 3, _SIZE, _SIZE)
    with torch.inference_mode():
        known = torch.cat(_known(1), 1)
        logits = captioner.teach(*captioner.annotator(image), known, torch.tensor([[[START]]]))
        found = BeamSearch(captioner, 1, 1)(image, torch.tensor([[0]]), *_known(1))
    assert int(logits[0, 0, 0].argmax()) == int(found.token_ids[0, 0, 0])


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_augmentation_stays_in_range_and_repeats_by_seed(strength: float) -> None:
    """Pictures stay in -1..1 and the same seed gives the same picture."""
    rgba = torch.randint(0, 256, (6, 32, 32, 4), dtype=torch.uint8)
    first, second = (composite(rgba, 24, strength, torch.Generator().manual_seed(4)) for _ in range(2))
    assert first.shape == (6, 3, 24, 24)
    assert -1 <= first.min() <= first.max() <= 1
    assert torch.equal(first, second)


def test_plain_puts_pictures_on_white() -> None:
    """Transparent pixels are white whatever colour hides behind them."""
    rgba = torch.zeros((1, 8, 8, 4), dtype=torch.uint8)
    assert plain(rgba, 8).min() == 1
