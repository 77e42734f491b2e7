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


def test_the_graph_computes_what_torch_does() -> None:
    """A small encoder with heads: the graph's answers are torch's, whatever the padding, and biases fold away."""
    import onnxruntime
    from transformers import BertConfig, BertModel

    from training.text.encoder_graph import fold_biases
    from training.text.export import SentenceEncoder, round_lookups, served_graph
    from training.text.heads import UtteranceHeads
    from training.text.heads_graph import SHAPES, heads_parity, round_to_half
    from training.text.integer import smooth, to_integer

    torch.manual_seed(0)
    size = BertConfig(
        vocab_size=50, hidden_size=384, num_hidden_layers=2, num_attention_heads=12, intermediate_size=512,
        attn_implementation="eager",
    )  # fmt: skip
    model, heads = BertModel(size, add_pooling_layer=False).eval(), UtteranceHeads().eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    ids, mask = torch.randint(0, 50, (3, 16)), torch.ones(3, 16, dtype=torch.int64)
    mask[1, 5:] = 0
    round_lookups(model)
    before = model(input_ids=ids, attention_mask=mask).last_hidden_state
    fold_biases(model.encoder.layer)
    after = model(input_ids=ids, attention_mask=mask).last_hidden_state
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-3)
    smooth(model, lambda: model(input_ids=ids, attention_mask=mask))
    round_to_half(heads)
    graph = served_graph(model, heads, torch.randn(384, 256))
    to_integer(model)
    with torch.inference_mode():
        wanted = SentenceEncoder(model)(ids, mask)[0].numpy()
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    feed = {"INPUT_IDS": ids.numpy(), "ATTENTION_MASK": mask.numpy()}
    assert np.abs(session.run(["EMBEDDING"], feed)[0] - wanted).max() < 1e-3
    assert all(np.allclose(part.sum(-1), 1, atol=1e-4) for part in session.run(list(SHAPES), feed))
    assert heads_parity(heads) < 1e-4
