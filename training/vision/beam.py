"""Beam search of fixed width and length, without data-dependent control flow, so that it exports as one graph."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as f

from training.vision.captioner import Captioner, Scene, spread
from training.vision.vocabulary import END, MAX_TOKENS, START

BEAM = 3
_LENGTH_POWER = 0.7
_NEVER = -1e9


class Decoded(NamedTuple):
    """What beam search gives: ids [B, L, T], the probability of each [B, L, T], attention maps [B, L, T, h, w]."""

    token_ids: torch.Tensor
    token_probs: torch.Tensor
    attention: torch.Tensor


class _Step(NamedTuple):
    """One step of all B x K hypotheses: token, its probability and row of its parent [B*K], attention [B*K, P]."""

    token: torch.Tensor
    prob: torch.Tensor
    parent: torch.Tensor
    attention: torch.Tensor


class _State(NamedTuple):
    """LSTM state [B*K, 384] twice, last token [B*K], score [B, K] and number of words [B, K] of the hypotheses."""

    hidden: torch.Tensor
    cell: torch.Tensor
    token: torch.Tensor
    score: torch.Tensor
    length: torch.Tensor


class BeamSearch(nn.Module):
    """A captioner with its search: picture and language in, caption out."""

    def __init__(self, captioner: Captioner, beam: int = BEAM, steps: int = MAX_TOKENS) -> None:
        """Wrap a captioner."""
        super().__init__()
        self.captioner, self.beam, self.steps = captioner, beam, steps

    def forward(
        self, image: torch.Tensor, language: torch.Tensor, joint: torch.Tensor, concepts: torch.Tensor
    ) -> Decoded:
        """Caption pictures.

        Args:
            image: [B, 3, S, S] in -1..1.
            language: int64 [B, L], 0 English, 1 Chinese; each picture gets L captions.
            joint: [B, 256] and
            concepts: [B, C], of the sticker tower.

        Returns:
            The best caption of each picture in each language; positions after the end hold END with probability 1.
        """
        grid, pooled = self.captioner.annotator(image)
        height, width, languages = grid.shape[2], grid.shape[3], language.shape[1]
        known = torch.cat([joint, concepts], 1)
        scene = self.captioner.scene(grid, known, languages * self.beam)
        state = self._start(pooled, known, START + language.reshape(-1), languages * self.beam)
        steps: list[_Step] = []
        for _ in range(self.steps):
            state, step = self._advance(state, scene)
            steps.append(step)
        best = (state.score / state.length**_LENGTH_POWER).argmax(1)
        found = self._trace_back(steps, best, height, width)
        return Decoded(*(tensor.reshape(-1, languages, *tensor.shape[1:]) for tensor in found))

    def _start(self, pooled: torch.Tensor, known: torch.Tensor, first: torch.Tensor, times: int) -> _State:
        # All beams start equal; only the first may be extended at the first step.
        never = torch.tensor([[0.0] + [_NEVER] * (self.beam - 1)])
        score = first.unsqueeze(1).float() * 0 + never
        hidden, cell = self.captioner.start(pooled, known, times)
        return _State(hidden, cell, spread(first, self.beam), score, torch.zeros_like(score))

    def _advance(self, state: _State, scene: Scene) -> tuple[_State, _Step]:
        logits, attention, hidden, cell = self.captioner.step(state.token, scene, state.hidden, state.cell)
        size = logits.shape[1]
        # A finished hypothesis goes on with END at no cost, and in no other way.
        only_end = (1 - f.one_hot(torch.tensor([END]), size).float()) * _NEVER
        ended = (state.token == END).reshape(-1, 1)
        log_probs = torch.where(ended, only_end, logits.log_softmax(1)).reshape(-1, self.beam * size)
        total = (state.score.unsqueeze(2) + log_probs.reshape(-1, self.beam, size)).reshape(-1, self.beam * size)
        score, chosen = total.topk(self.beam, 1)
        origin = torch.div(chosen, size, rounding_mode="floor")
        token = (chosen - origin * size).reshape(-1)
        prob = log_probs.gather(1, chosen).exp().reshape(-1)
        parent = (torch.arange(score.shape[0]).unsqueeze(1) * self.beam + origin).reshape(-1)
        words = state.length + 1 - ended.float().reshape(-1, self.beam)
        state = _State(hidden[parent], cell[parent], token, score, words.gather(1, origin))
        return state, _Step(token, prob, parent, attention[parent])

    def _trace_back(self, steps: list[_Step], best: torch.Tensor, height: int, width: int) -> Decoded:
        rows = torch.arange(best.shape[0]) * self.beam + best
        ids, probs, maps = [], [], []
        for step in reversed(steps):
            ids.append(step.token[rows])
            probs.append(step.prob[rows])
            maps.append(step.attention[rows].reshape(-1, height, width))
            rows = step.parent[rows]
        return Decoded(torch.stack(ids[::-1], 1), torch.stack(probs[::-1], 1), torch.stack(maps[::-1], 1))
