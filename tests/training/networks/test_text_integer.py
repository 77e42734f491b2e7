"""The integer arithmetic of the exported encoder (needs torch: `make test-training` runs it)."""

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.unit


def test_integers_stay_near_the_floats() -> None:
    """A rounded layer answers like the exact one within a few percent of its scale."""
    from training.text.integer import to_integer

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(128, 64))
    inputs = torch.randn(5, 128)
    wanted = model(inputs)
    to_integer(model)
    assert (model(inputs) - wanted).abs().max() < 0.05 * wanted.abs().max()


def test_smoothing_changes_no_answer() -> None:
    """Moving channel sizes from inputs to weights is exact but for float rounding."""
    from training.text.integer import smooth

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(128, 64), torch.nn.GELU(), torch.nn.Linear(64, 128))
    inputs = torch.randn(5, 128) * torch.linspace(0.1, 20, 128)
    wanted = model(inputs)
    smooth(model, lambda: model(inputs))
    torch.testing.assert_close(model(inputs), wanted, rtol=1e-4, atol=1e-4)


def test_weights_keep_out_of_saturation() -> None:
    """No pair of products can pass 16 bits, on which processors without VNNI would saturate."""
    from training.text.integer import WEIGHT_LIMIT, integer_weight

    quantised, scale = integer_weight(np.random.default_rng(0).normal(size=(256, 32)).astype(np.float32))
    assert np.abs(quantised).max() <= WEIGHT_LIMIT
    assert 255 * WEIGHT_LIMIT * 2 < 2**15
    assert scale.shape == (32,)
