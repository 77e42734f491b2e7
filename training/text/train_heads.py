"""Train the utterance heads on the bilingual encoder, then fit their temperatures.

    python -m training.text.train_heads --encoder .cache/training/text/joint.pt

The encoder stays as it is: its token states are computed once and only the heads learn. After the joint stage this
polishes the
heads at little cost; on the distilled encoder alone it is the baseline that the joint stage is compared with.
"""

import argparse
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from training.text.distil import TOKENIZER, save, student
from training.text.expand import EMOTIONS, INTENTS
from training.text.grammar import Split, Utterance, dataset
from training.text.heads import WIDTH, UtteranceHeads
from training.text.paths import WORK
from training.text.tags import decode_tags, tag_row
from training.text.teacher import pad

JOINT = WORK / "joint.pt"
HEADS = WORK / "heads.pt"
FINAL = WORK / "final.pt"
IGNORE = -100
SLOT_WEIGHT = 3.0  # most tokens are no slot and cost next to nothing, so the mean over tokens is small
_LIMIT = 64
_MOST_LEANING = 3.0


@dataclass
class Examples:
    """Tokenised utterances with their labels; `offsets` are characters of the text by token."""

    utterances: list[Utterance]
    rows: list[list[int]]
    offsets: list[list[tuple[int, int]]]
    intents: list[int]
    emotions: list[int]
    tags: list[list[int]]

    def __len__(self) -> int:
        """Number of utterances."""
        return len(self.rows)


def examples(utterances: list[Utterance], tokenizer: Tokenizer) -> Examples:
    """Tokenise and label; an utterance without intent gets the ignored label."""
    encodings = tokenizer.encode_batch([u.text for u in utterances])
    offsets = [encoding.offsets[:_LIMIT] for encoding in encodings]
    return Examples(
        utterances,
        [encoding.ids[:_LIMIT] for encoding in encodings],
        offsets,
        [INTENTS.index(u.intent) if u.intent else IGNORE for u in utterances],
        [EMOTIONS.index(u.emotion) for u in utterances],
        [tag_row(row, u.spans) for row, u in zip(offsets, utterances, strict=True)],
    )


def drawn(count: int, seed: int, tokenizer: Tokenizer, split: Split = "train") -> Examples:
    """Draw `count` distinct utterances of one split."""
    found: dict[str, Utterance] = {}
    for utterance in dataset(count * 3 if split != "train" else count, seed, split):
        found.setdefault(utterance.text, utterance)
        if len(found) == count:
            break
    return examples(list(found.values()), tokenizer)


class States:
    """Token states of all examples, computed once and kept in half precision."""

    def __init__(
        self, model: nn.Module, data: Examples, changed: Callable[[Tensor, Tensor], Tensor] | None = None
    ) -> None:
        """Run the frozen encoder over `data`, longest rows first; `changed` makes other ids of ids and mask."""
        self._starts = np.cumsum([0, *map(len, data.rows)])
        self._flat = np.empty((int(self._starts[-1]), WIDTH), np.float16)
        order = sorted(range(len(data)), key=lambda index: -len(data.rows[index]))
        for start in range(0, len(order), 128):
            chunk = order[start : start + 128]
            ids, mask = pad([data.rows[index] for index in chunk])
            ids = ids if changed is None else changed(ids, mask)
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                states = model(input_ids=ids, attention_mask=mask).last_hidden_state.float().numpy()
            for row, index in enumerate(chunk):
                self._flat[self._starts[index] : self._starts[index + 1]] = states[row, : len(data.rows[index])]

    def take(self, chosen: list[int], width: int) -> Tensor:
        """Return padded states (batch, width, 384) of the chosen examples."""
        out = np.zeros((len(chosen), width, self._flat.shape[1]), np.float32)
        for row, index in enumerate(chosen):
            part = self._flat[self._starts[index] : self._starts[index + 1]]
            out[row, : len(part)] = part
        return torch.from_numpy(out)


class Remembered:
    """Targets that hold on to the answers of before: further training forgets less of what was learnt.

    Where the heads were right, the target is a mixture of their probabilities and the label, elsewhere the label alone
    (after Li and Hoiem, 2016, "Learning without forgetting").
    """

    def __init__(self, intents: Tensor, emotions: Tensor, data: Examples, share: float) -> None:
        """Mix logits (texts, intents) and (texts, emotions) of before with the labels; `share` is theirs."""
        self._intents = self._mixed(intents, torch.tensor(data.intents), share)
        self._emotions = self._mixed(emotions, torch.tensor(data.emotions), share)
        self._told = torch.tensor([intent >= 0 for intent in data.intents], dtype=torch.float32)

    @staticmethod
    def _mixed(logits: Tensor, wanted: Tensor, share: float) -> Tensor:
        classes = logits.shape[1]
        label = 0.97 * functional.one_hot(wanted.clamp(min=0), classes).float() + 0.03 / classes
        kept = share * (logits.argmax(-1) == wanted).float().unsqueeze(-1)
        return kept * functional.softmax(logits, -1) + (1 - kept) * label

    def loss(self, intent: Tensor, emotion: Tensor, chosen: list[int]) -> Tensor:
        """Cross entropy of intent and emotion logits of the chosen texts; texts without intent teach none."""
        told = self._told[chosen]
        first = -(self._intents[chosen] * intent.log_softmax(-1)).sum(-1)
        second = -(self._emotions[chosen] * emotion.log_softmax(-1)).sum(-1)
        return (first * told).sum() / told.sum().clamp(min=1) + second.mean()


def loss_of(
    heads: UtteranceHeads,
    states: Tensor,
    mask: Tensor,
    data: Examples,
    chosen: list[int],
    remembered: Remembered | None = None,
    fast: bool = False,
) -> Tensor:
    """Sum of the cross entropies of intent, emotion and tags, with light label smoothing for the sentence labels.

    With `fast`, or with answers of before, the heads compute in bfloat16.
    """
    with torch.autocast("cpu", torch.bfloat16, enabled=fast or remembered is not None):
        intent, emotion, slots = (part.float() for part in heads.logits(states, mask))
    tags = torch.full(mask.shape, IGNORE)
    for row, index in enumerate(chosen):
        tags[row, : len(data.tags[index])] = torch.tensor(data.tags[index])
    third = SLOT_WEIGHT * functional.cross_entropy(slots.flatten(0, 1), tags.flatten(), ignore_index=IGNORE)
    if remembered is not None:
        return remembered.loss(intent, emotion, chosen) + third
    wanted = torch.tensor([data.intents[index] for index in chosen])
    felt = torch.tensor([data.emotions[index] for index in chosen])
    first = functional.cross_entropy(intent, wanted, ignore_index=IGNORE, label_smoothing=0.03)
    second = functional.cross_entropy(emotion, felt, label_smoothing=0.03)
    return first + second + third


def batches(data: Examples, size: int, rng: random.Random) -> list[list[int]]:
    """Cut a shuffled epoch into batches of similar length."""
    order = list(range(len(data)))
    rng.shuffle(order)
    cut: list[list[int]] = []
    for start in range(0, len(order), 32 * size):
        window = sorted(order[start : start + 32 * size], key=lambda index: len(data.rows[index]))
        cut += [window[at : at + size] for at in range(0, len(window), size)]
    rng.shuffle(cut)
    return cut


@torch.no_grad()
def predict(heads: UtteranceHeads, model: nn.Module, data: Examples) -> tuple[Tensor, Tensor, list[list[int]]]:
    """Return intent logits, emotion logits and the most likely tags by token for every example."""
    heads.eval()
    learning = model.training
    model.eval()
    intents, emotions = torch.zeros(len(data), len(INTENTS)), torch.zeros(len(data), len(EMOTIONS))
    tags: list[list[int]] = [[] for _ in range(len(data))]
    order = sorted(range(len(data)), key=lambda index: -len(data.rows[index]))
    for start in range(0, len(order), 128):
        chunk = order[start : start + 128]
        ids, mask = pad([data.rows[index] for index in chunk])
        with torch.autocast("cpu", torch.bfloat16):
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        intent, emotion, slots = heads.logits(states.float(), mask)
        intents[chunk], emotions[chunk] = intent, emotion
        for row, index in enumerate(chunk):
            tags[index] = slots[row, : len(data.rows[index])].argmax(-1).tolist()
    model.train(learning)
    return intents, emotions, tags


def slot_f1(data: Examples, tags: list[list[int]]) -> float:
    """Micro F1 of exact slot spans."""
    right = said = there = 0
    for utterance, row, offsets in zip(data.utterances, tags, data.offsets, strict=True):
        found, wanted = set(decode_tags(row, offsets)), set(utterance.spans)
        right, said, there = right + len(found & wanted), said + len(found), there + len(wanted)
    return 2 * right / max(1, said + there)


def report(heads: UtteranceHeads, model: nn.Module, data: Examples) -> dict[str, float]:
    """Measure intent accuracy, emotion macro-F1 and slot F1."""
    intents, emotions, tags = predict(heads, model, data)
    wanted = np.array(data.intents)
    return {
        "intent": float((intents.argmax(-1).numpy() == wanted)[wanted >= 0].mean()),
        "emotion": float(f1_score(data.emotions, emotions.argmax(-1).numpy(), average="macro")),
        "slots": slot_f1(data, tags),
    }


def fit_temperatures(heads: UtteranceHeads, model: nn.Module, data: Examples) -> None:
    """Fit one temperature for intents and one for emotions by least log loss on held-back data (Guo et al., 2017)."""
    intents, emotions, _ = predict(heads, model, data)
    keep = torch.tensor(data.intents) >= 0
    grid = [0.5 + 0.05 * step for step in range(51)]
    for place, logits, wanted in (
        (0, intents[keep], torch.tensor(data.intents)[keep]),
        (1, emotions, torch.tensor(data.emotions)),
    ):
        losses = [functional.cross_entropy(logits / t, wanted).item() for t in grid]
        heads.temperatures[place] = grid[int(np.argmin(losses))]


def leaning(intents: Tensor, wanted: Tensor, allowed: float) -> float:
    """Return how far the logit of `out_of_scope` may rise on held-back data.

    What lies outside is more varied than what was trained on, and is taken for small talk rather than for nothing
    known. The logit rises until a share of `allowed` of the texts in scope is refused that was not refused before.

    Args:
        intents: Logits (texts, intents).
        wanted: Intents of the texts; negative ones, of texts without intent, are left out.
        allowed: Between 0 and 1.
    """
    outside = INTENTS.index("out_of_scope")
    inside = intents[(wanted != outside) & (wanted >= 0)]
    others = torch.cat([inside[:, :outside], inside[:, outside + 1 :]], -1).amax(-1)
    gaps = (others - inside[:, outside]).sort().values
    gaps = gaps[gaps > 0]
    return min(_MOST_LEANING, gaps[int(allowed * len(gaps))].item()) if len(gaps) else 0.0


@torch.no_grad()
def lean_out_of_scope(heads: UtteranceHeads, model: nn.Module, data: Examples, allowed: float = 0.002) -> float:
    """Raise, in place, the bias of `out_of_scope` by `leaning` and return by how much."""
    intents, _, _ = predict(heads, model, data)
    raised = leaning(intents, torch.tensor(data.intents), allowed)
    last = heads.intent[-1]
    if not isinstance(last, nn.Linear):
        raise TypeError("the intent head does not end in a linear layer")
    last.bias[INTENTS.index("out_of_scope")] += raised
    return raised


def load_encoder(path: Path, pretrained: str | None = None) -> tuple[BertModel, Tokenizer]:
    """Load the distilled encoder of a checkpoint with its tokenizer."""
    model, tokenizer, _ = student(pretrained)
    model.load_state_dict(torch.load(path, weights_only=True)["model"])
    model.eval()
    tokenizer.save(str(TOKENIZER))
    return model, tokenizer


class Polisher:
    """Trains the heads on fixed token states."""

    def __init__(self, heads: UtteranceHeads, data: Examples, states: States, arguments: argparse.Namespace) -> None:
        """Prepare the optimiser, its schedule and, if asked, the answers of before."""
        self._heads, self._data, self._states = heads, data, states
        self._remembered = self._answers(arguments.keep) if arguments.keep else None
        self._batch, self._rng = arguments.batch, random.Random(arguments.seed)
        self._total, self._done = arguments.epochs * (len(data) // arguments.batch + 1), 0
        self._adam = torch.optim.AdamW(heads.parameters(), lr=arguments.rate, weight_decay=0.02)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._adam, self._factor)

    @torch.no_grad()
    def _answers(self, share: float) -> Remembered:
        self._heads.eval()
        intents, emotions = torch.zeros(len(self._data), len(INTENTS)), torch.zeros(len(self._data), len(EMOTIONS))
        order = sorted(range(len(self._data)), key=lambda index: -len(self._data.rows[index]))
        for start in range(0, len(order), 128):
            chosen = order[start : start + 128]
            _, mask = pad([self._data.rows[index] for index in chosen])
            with torch.autocast("cpu", torch.bfloat16):
                intent, emotion, _ = self._heads.logits(self._states.take(chosen, mask.shape[1]), mask)
            intents[chosen], emotions[chosen] = intent.float(), emotion.float()
        return Remembered(intents, emotions, self._data, share)

    def _factor(self, step: int) -> float:
        return min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / self._total))))

    def epoch(self) -> float:
        """Run over all examples once and return the mean loss."""
        self._heads.train()
        losses = []
        for chosen in batches(self._data, self._batch, self._rng):
            _, mask = pad([self._data.rows[index] for index in chosen])
            states = self._states.take(chosen, mask.shape[1])
            loss = loss_of(self._heads, states, mask, self._data, chosen, self._remembered)
            self._adam.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self._heads.parameters(), 1.0)
            self._adam.step()
            self._schedule.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)


def learn_only(heads: UtteranceHeads, part: str) -> None:
    """Fix everything but the pooling and the layers of one answer, so that the other answers stay as they are."""
    for name, weight in heads.named_parameters():
        weight.requires_grad_(name.split(".")[0] in (part, f"{part}_pool"))


def train(arguments: argparse.Namespace) -> None:
    """Run the training that the command line asks for."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    model, tokenizer = load_encoder(Path(arguments.encoder), arguments.pretrained)
    model.set_attn_implementation("eager")  # a fifth faster here than the fused attention
    heads = UtteranceHeads()
    source = Path(arguments.out if arguments.resume and Path(arguments.out).exists() else arguments.encoder)
    known = torch.load(source, weights_only=True).get("heads")
    if known is not None:
        heads.load_state_dict(known)
    data, val = drawn(arguments.count, arguments.seed, tokenizer), drawn(4000, 0, tokenizer, "val")
    if arguments.only:
        learn_only(heads, arguments.only)
    polisher = Polisher(heads, data, States(model, data), arguments)
    print(f"{len(data)} training and {len(val)} validation utterances; before: {report(heads, model, val)}", flush=True)
    for epoch in range(arguments.epochs):
        loss = polisher.epoch()
        print(f"epoch {epoch + 1}: loss {loss:.3f} val {report(heads, model, val)}", flush=True)
        fit_temperatures(heads, model, val)
        save(Path(arguments.out), {"model": model.state_dict(), "heads": heads.state_dict()})
    raised = lean_out_of_scope(heads, model, val) if arguments.only in (None, "intent") else 0.0
    fit_temperatures(heads, model, val)
    print(f"out_of_scope raised by {raised:.2f}: val {report(heads, model, val)}", flush=True)
    save(Path(arguments.out), {"model": model.state_dict(), "heads": heads.state_dict()})


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--encoder", default=str(JOINT), help="checkpoint with the encoder, and with heads to start from if it has any"
    )
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder that it grew from")
    parser.add_argument("--count", type=int, default=60_000, help="training utterances to draw")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", default=str(HEADS))
    parser.add_argument("--only", choices=("intent", "emotion", "slots"), help="let one answer learn, fix the others")
    parser.add_argument(
        "--keep", type=float, default=0.0, help="share of the answers of before in the targets where they were right"
    )
    parser.add_argument("--resume", action="store_true", help="start from the heads at --out")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
