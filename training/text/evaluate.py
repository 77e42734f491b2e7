"""Measure the exported text models on held-out data and write their model cards with figures.

    python -m training.text.evaluate [--exact .cache/training/text/final.pt]

Everything is measured through the exported graphs with their stored weights. `--exact` names the checkpoint before
rounding, to
show what the storage costs.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.text.cards import write_encoder_card, write_utterance_card
from training.text.distil import embedder, student
from training.text.expand import EMOTIONS, INTENTS, SLOTS
from training.text.grammar import Utterance, dataset, kept_messages, pool
from training.text.handwritten import handwritten
from training.text.metrics import Score, bootstrap, calibration_error, class_f1, macro_f1, span_counts, span_f1
from training.text.pairs import held_out
from training.text.parallel import Embedder
from training.text.paths import CARDS, REPOSITORY, WORK
from training.text.retrieval import sentence_ranks, symbol_ranks
from training.text.served import Served
from training.text.teacher import Teacher
from training.text.unicode_text import annotated_symbols

Facts = dict[str, object]


def retrieval(embed: Embedder) -> dict[str, dict[str, Score]]:
    """Measure R@1 and R@10 of every held-out retrieval."""
    found = {**symbol_ranks(embed), **sentence_ranks(embed)}
    return {
        name: {f"R@{k}": bootstrap(len(r), lambda index, r=r, k=k: float((r[index] < k).mean())) for k in (1, 10)}  # type: ignore[misc]
        for name, r in found.items()
    }


def english_kept(embed: Embedder, teacher: Teacher) -> Score:
    """Measure the mean cosine to the teacher on English never trained on: held-out symbols, test templates."""
    texts = [f"{s.name_en}, {', '.join(s.keywords_en[:4])}" for s in annotated_symbols() if held_out(s.base)][:200]
    texts += [u.text for u in dataset(1200, 9, "test") if u.language == "en"][:300]
    cosines = (embed(texts) * teacher.embed(texts)).sum(1)
    return bootstrap(len(texts), lambda index: float(cosines[index].mean()))


def unseen_utterances(count: int) -> list[Utterance]:
    """Draw the test set: test templates, distinct texts."""
    found: dict[str, Utterance] = {}
    for utterance in dataset(count * 2, 0, "test"):
        found.setdefault(utterance.text, utterance)
    return list(found.values())[:count]


def measure(served: Served, utterances: list[Utterance]) -> Facts:
    """Measure intent, emotion and slots of one set of utterances."""
    answers = served.understand([u.text for u in utterances])
    intents, emotions = answers.intents.argmax(1), answers.emotions.argmax(1)
    wanted = np.array([INTENTS.index(u.intent) for u in utterances])
    felt = np.array([EMOTIONS.index(u.emotion) for u in utterances])
    table = span_counts([set(u.spans) for u in utterances], [set(row) for row in answers.spans])
    outside = INTENTS.index("out_of_scope")
    scores = {
        "intent accuracy": bootstrap(len(wanted), lambda index: float((intents[index] == wanted[index]).mean())),
        "intent macro-F1": bootstrap(len(wanted), lambda index: macro_f1(wanted[index], intents[index], len(INTENTS))),
        "emotion macro-F1": bootstrap(len(felt), lambda index: macro_f1(felt[index], emotions[index], len(EMOTIONS))),
        "emotion accuracy": bootstrap(len(felt), lambda index: float((emotions[index] == felt[index]).mean())),
        "slot F1 (exact span)": bootstrap(len(table), lambda index: span_f1(table[index])),
        "out-of-scope recall": _share(intents == outside, wanted == outside),
        "in-scope refused": _share(intents == outside, wanted != outside),
    }
    return {
        "count": len(utterances),
        "scores": scores,
        "intent calibration error": calibration_error(answers.intents, wanted),
        "emotion calibration error": calibration_error(answers.emotions, felt),
        "intent F1": dict(zip(INTENTS, class_f1(wanted, intents, len(INTENTS)).tolist(), strict=True)),
        "emotion F1": dict(zip(EMOTIONS, class_f1(felt, emotions, len(EMOTIONS)).tolist(), strict=True)),
        "slot F1": {slot: _slot_f1(slot, utterances, answers.spans) for slot in SLOTS},
        "intent confusion": _confusion(wanted, intents, len(INTENTS)),
        "emotion confusion": _confusion(felt, emotions, len(EMOTIONS)),
        "errors": _errors(utterances, intents, emotions, answers.spans),
    }


def _share(said: NDArray[np.bool_], among: NDArray[np.bool_]) -> Score:
    hits = said[among]
    return (
        bootstrap(len(hits), lambda index: float(hits[index].mean()))
        if len(hits)
        else Score(float("nan"), float("nan"), float("nan"))
    )


def _slot_f1(slot: str, utterances: list[Utterance], found: list[list[tuple[str, int, int]]]) -> tuple[float, int]:
    wanted = [{span for span in u.spans if span[0] == slot} for u in utterances]
    table = span_counts(wanted, [{span for span in row if span[0] == slot} for row in found])
    return span_f1(table), int(table[:, 2].sum())


def _confusion(wanted: NDArray[np.int64], got: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (wanted, got), 1)
    return table


def _errors(
    utterances: list[Utterance],
    intents: NDArray[np.int64],
    emotions: NDArray[np.int64],
    spans: list[list[tuple[str, int, int]]],
) -> list[tuple[str, str, str]]:
    """List (text, wanted, got) of every utterance with a wrong answer."""
    wrong = []
    for utterance, intent, emotion, found in zip(utterances, intents, emotions, spans, strict=True):
        wanted, got = [], []
        if INTENTS[intent] != utterance.intent:
            wanted.append(utterance.intent)
            got.append(INTENTS[intent])
        if EMOTIONS[emotion] != utterance.emotion:
            wanted.append(utterance.emotion)
            got.append(EMOTIONS[emotion])
        if set(found) != set(utterance.spans):
            for side, members in ((wanted, utterance.spans), (got, tuple(found))):
                side.append(
                    ", ".join(f"{slot}={utterance.text[start:end]}" for slot, start, end in members) or "no slot"
                )
        if wanted:
            wrong.append((utterance.text, "; ".join(wanted), "; ".join(got)))
    return wrong


def in_process_latency(served: Served) -> dict[int, float]:
    """Median milliseconds for one text of each padded length, one thread, everything but Triton."""
    words = "please tell me where my parcel is because i have been waiting for it since last week and i need it soon"
    result = {}
    for length in (16, 32, 64):
        text = " ".join((words + " ").split() * 4)
        while len(served.tokenizer.encode(text).ids) > length:
            text = text.rsplit(" ", 1)[0]
        times = []
        for _ in range(40):
            start = time.perf_counter()
            served.understand([text])
            times.append(1000 * (time.perf_counter() - start))
        result[length] = float(np.median(times))
    return result


def main() -> None:
    """Measure everything and write both cards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exact", type=Path, help="checkpoint with the weights before rounding")
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder that it grew from")
    parser.add_argument("--repository", type=Path, default=REPOSITORY)
    parser.add_argument("--texts", type=int, default=4000, help="utterances of test templates")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    served, teacher = Served(arguments.repository), Teacher(arguments.pretrained)
    export = json.loads((WORK / "export.json").read_text("utf-8")) if (WORK / "export.json").exists() else {}
    encoder: Facts = {
        "retrieval": retrieval(served.embed),
        "teacher": retrieval(teacher.embed),
        "english": english_kept(served.embed, teacher),
        "export": export,
        "latency": in_process_latency(served),
        "vocabulary": served.tokenizer.get_vocab_size(),
    }
    if arguments.exact:
        model, tokenizer, _ = student(arguments.pretrained)
        model.load_state_dict(torch.load(arguments.exact, weights_only=True)["model"])
        model.eval()
        encoder["exact"] = retrieval(embedder(model, tokenizer))
    write_encoder_card(encoder, CARDS)
    origins = {
        "test templates": unseen_utterances(arguments.texts),
        "messages kept back": list(kept_messages()),
        "hand-written, newest": handwritten("handwritten_fresh_3"),
        "hand-written, new": handwritten("handwritten_fresh_2"),
        "hand-written, fresh": handwritten("handwritten_fresh"),
        "hand-written, development": handwritten(),
        "hand-written, plain": handwritten("handwritten_plain"),
    }
    sets = {
        f"{origin}, {code}": members
        for origin, drawn in origins.items()
        for code in ("en", "zh", "mixed")
        if (members := [u for u in drawn if u.language == code])
    }
    results = {name: measure(served, members) for name, members in sets.items()}
    templates = {split: sum(map(len, pool(split).values())) for split in ("train", "val", "test")}
    write_utterance_card(results, templates, export, CARDS)
    for name, facts in results.items():
        print(name, {key: str(score) for key, score in facts["scores"].items()})  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
