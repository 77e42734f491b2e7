"""The utterance model's own copy of the upper layers of the encoder.

The lower layers are shared. Above them one copy gives the sentence embedding, which must stay as it is since stored
vectors and the sticker tower hang on it, and the other learns what customers want (after Houlsby et al., 2019, the
simplest of the ways to let one encoder serve two tasks).
"""

import copy

import torch
from torch import Tensor, nn
from transformers import BertModel
from transformers.modeling_outputs import BaseModelOutput


class Branch(nn.Module):
    """Upper layers that read the states which the shared layers give."""

    def __init__(self, bert: BertModel, depth: int) -> None:
        """Copy the last `depth` layers of `bert`.

        Raises:
            ValueError: The encoder has not that many layers above a shared one.
        """
        super().__init__()
        whole = len(bert.encoder.layer)
        if not 0 < depth < whole:
            raise ValueError(f"an encoder of {whole} layers cannot branch {depth} below its end")
        self.shared = whole - depth
        self.layer = nn.ModuleList(copy.deepcopy(layer) for layer in bert.encoder.layer[self.shared :])

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return token states (batch, length, width) from those of the shared layers and the mask (batch, length)."""
        return _run(self.layer, states, mask)

    def read(self, bert: BertModel, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the branch's token states of texts, through the shared layers of `bert`."""
        return self(shared_states(bert, ids, mask, self.shared), mask)


class SharedLayers(nn.Module):
    """The layers below a branch, called as the whole encoder is."""

    def __init__(self, bert: BertModel, branch: Branch) -> None:
        """Keep the encoder and where it branches."""
        super().__init__()
        self.bert, self.layers = bert, branch.shared

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> BaseModelOutput:
        """Return the states that the branch reads."""
        return BaseModelOutput(shared_states(self.bert, input_ids, attention_mask, self.layers))


class Branched(nn.Module):
    """Shared layers and a branch, called as the whole encoder is."""

    def __init__(self, bert: BertModel, branch: Branch) -> None:
        """Keep both."""
        super().__init__()
        self.bert, self.branch = bert, branch

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> BaseModelOutput:
        """Return the states that the heads read."""
        return BaseModelOutput(self.branch.read(self.bert, input_ids, attention_mask))


def shared_states(bert: BertModel, ids: Tensor, mask: Tensor, layers: int) -> Tensor:
    """Return the token states (batch, length, width) after the first `layers` layers of `bert`."""
    return _run(bert.encoder.layer[:layers], bert.embeddings(input_ids=ids), mask)


def branch_of(bert: BertModel, weights: dict[str, Tensor]) -> Branch:
    """Return the branch that a checkpoint holds; its depth is the number of layers there."""
    branch = Branch(bert, 1 + max(int(name.split(".")[1]) for name in weights))
    branch.load_state_dict(weights)
    return branch.eval()


def _run(layers: nn.ModuleList, states: Tensor, mask: Tensor) -> Tensor:
    padding = (mask[:, None, None, :] == 0).to(states.dtype) * torch.finfo(torch.float32).min / 2
    for layer in layers:
        states = layer(states, padding)
    return states
