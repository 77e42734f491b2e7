"""The joint stage of the text models (needs torch: `make test-training` runs it)."""

import pytest
import torch

pytestmark = pytest.mark.unit


def test_hidden_words_are_words_and_only_a_share() -> None:
    """Boundary tokens, padding and very short texts stay; of the words about the asked share is hidden."""
    from training.text.joint import MASK_ID, hide

    torch.manual_seed(0)
    ids = torch.full((200, 40), 7)
    mask = torch.ones_like(ids)
    mask[100:, 30:] = 0
    mask[150:, 4:] = 0
    hidden = hide(ids, mask, 0.25) == MASK_ID
    assert not hidden[:, 0].any()
    assert not hidden[torch.arange(200), mask.sum(1) - 1].any()
    assert not (hidden & (mask == 0)).any()
    assert not hidden[150:].any()
    assert 0.2 < hidden[:100, 1:39].float().mean() < 0.3
    assert torch.equal(hide(ids, mask, 0.0), ids)


def test_an_average_lies_between_its_models() -> None:
    """Weights are mixed by share, counters are kept, and two different models are refused."""
    from training.text.average import average

    before = {"weight": torch.zeros(3), "places": torch.arange(3)}
    after = {"weight": torch.ones(3), "places": torch.arange(3)}
    mixed = average(before, after, 0.25)
    assert torch.allclose(mixed["weight"], torch.full((3,), 0.25))
    assert torch.equal(mixed["places"], after["places"])
    with pytest.raises(ValueError, match="not the same model"):
        average(before, {"weight": torch.ones(3)}, 0.5)
