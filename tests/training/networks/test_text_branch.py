"""The utterance model's own upper layers (needs torch: `make test-training` runs it)."""

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import BertConfig, BertModel

from training.text.branch import Branch, Branched, SharedLayers, branch_of
from training.text.encoder_graph import fold_biases
from training.text.export import keep_encoder, round_lookups, served_graph
from training.text.heads import UtteranceHeads
from training.text.heads_graph import SHAPES, round_to_half
from training.text.integer import smooth, to_integer
from training.text.soup import mean

pytestmark = pytest.mark.unit


def _encoder() -> BertModel:
    size = BertConfig(
        vocab_size=50, hidden_size=384, num_hidden_layers=3, num_attention_heads=12, intermediate_size=512,
        attn_implementation="eager",
    )  # fmt: skip
    model = BertModel(size, add_pooling_layer=False).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model


def _texts() -> tuple[torch.Tensor, torch.Tensor]:
    ids, mask = torch.randint(0, 50, (3, 16)), torch.ones(3, 16, dtype=torch.int64)
    mask[1, 5:] = 0
    return ids, mask


def test_a_new_branch_answers_as_the_encoder_does() -> None:
    """Untrained, the copy gives the encoder's own states, and what it learns reaches no layer of the encoder."""
    model, (ids, mask) = _encoder(), _texts()
    branch = Branch(model, 2)
    whole = model(input_ids=ids, attention_mask=mask).last_hidden_state
    torch.testing.assert_close(Branched(model, branch)(ids, mask).last_hidden_state, whole)
    torch.testing.assert_close(branch(SharedLayers(model, branch)(ids, mask).last_hidden_state, mask), whole)
    with torch.no_grad():
        branch.layer[0].output.dense.weight.zero_()
    torch.testing.assert_close(model(input_ids=ids, attention_mask=mask).last_hidden_state, whole)


@pytest.mark.parametrize("depth", [0, 3, 4])
def test_a_branch_needs_a_layer_and_one_to_share(depth: int) -> None:
    """No layer, or all of them, is refused."""
    with pytest.raises(ValueError, match="cannot branch"):
        Branch(_encoder(), depth)


def test_a_checkpoint_tells_the_depth() -> None:
    """A stored branch comes back with as many layers as it had and the same answers."""
    model, (ids, mask) = _encoder(), _texts()
    branch = Branch(model, 2).eval()
    torch.nn.init.normal_(branch.layer[1].output.dense.weight)
    again = branch_of(model, branch.state_dict())
    assert again.shared == 1
    torch.testing.assert_close(again.read(model, ids, mask), branch.read(model, ids, mask))


def test_a_mean_weighs_all_runs_alike() -> None:
    """Three runs count a third each, and one alone stays as it is."""
    runs = [{"weight": torch.full((2,), float(value))} for value in (0, 3, 6)]
    assert torch.allclose(mean(runs)["weight"], torch.full((2,), 3.0))
    assert mean(runs[:1]) is runs[0]


def test_the_graph_with_a_branch_computes_what_torch_does_and_keeps_embeddings() -> None:
    """Heads read the branch, whatever the padding; embeddings stay bit for bit those of a graph without one."""
    torch.manual_seed(0)
    model, heads, (ids, mask) = _encoder(), UtteranceHeads().eval(), _texts()
    branch, projection = Branch(model, 1).eval(), torch.randn(384, 256)
    for parameter in branch.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    round_lookups(model)
    fold_biases([*model.encoder.layer, *branch.layer])
    smooth(model, lambda: model(input_ids=ids, attention_mask=mask))
    smooth(branch, lambda: branch.read(model, ids, mask))
    round_to_half(heads)
    before = served_graph(model, heads, projection)
    graph = keep_encoder(served_graph(model, heads, projection, branch), before)
    to_integer(model)
    to_integer(branch)
    with torch.inference_mode():
        wanted = [part.numpy() for part in heads(branch.read(model, ids, mask), mask)]
    feed = {"INPUT_IDS": ids.numpy(), "ATTENTION_MASK": mask.numpy()}
    both = [
        onnxruntime.InferenceSession(one.SerializeToString(), providers=["CPUExecutionProvider"])
        for one in (graph, before)
    ]
    for got, told in zip(both[0].run(list(SHAPES), feed), wanted, strict=True):
        real = mask.numpy().astype(bool) if got.ndim == 3 else slice(None)
        assert np.abs(got[real] - told[real]).max() < 1e-3
    for name in ("EMBEDDING", "JOINT_EMBEDDING"):
        assert np.array_equal(*(session.run([name], feed)[0] for session in both))
    assert not np.allclose(*(session.run(["INTENT"], feed)[0] for session in both))
    assert keep_encoder(graph, graph) == graph
