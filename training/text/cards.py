"""Write the model cards of the text models: Markdown with tables, and confusion matrices as figures."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from training.text.expand import EMOTIONS, INTENTS

Facts = dict[str, Any]
_NOTES = Path(__file__).resolve().parent / "card_notes"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(
        [
            *lines,
            *("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows),
        ]
    )


def confusion_figure(counts: NDArray[np.int64], labels: tuple[str, ...], title: str, path: Path) -> None:
    """Draw a confusion matrix, rows scaled to one, numbers where something was counted."""
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    side = 1.8 + 0.42 * len(labels)
    figure, axes = plt.subplots(figsize=(side, side), dpi=90)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_xlabel("answered")
    axes.set_ylabel("wanted")
    axes.set_title(title, fontsize=10)
    for row, column in np.argwhere(counts > 0):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7, color=colour)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)


def _notes(name: str) -> str:
    return (_NOTES / f"{name}.md").read_text("utf-8").strip()


def write_encoder_card(facts: Facts, folder: Path) -> None:
    """Write `text_encoder.md` from the measured facts and the hand-written notes."""
    columns = {"served (int8 stored)": facts["retrieval"], "English teacher": facts["teacher"]}
    if "exact" in facts:
        columns = {
            "served (int8 stored)": facts["retrieval"],
            "before rounding": facts["exact"],
            "English teacher": facts["teacher"],
        }
    rows = [
        [name, k, *(str(column[name][k]) for column in columns.values())]
        for name in facts["retrieval"]
        for k in facts["retrieval"][name]
    ]
    latency = ", ".join(f"{length} tokens {value:.1f} ms" for length, value in facts["latency"].items())
    export = {key: f"{value:.5g}" for key, value in facts["export"].items()}
    text = "\n\n".join(
        [
            "# Model card: text_encoder",
            _notes("text_encoder_head"),
            "## Results on held-out data",
            "Values with 95 % bootstrap intervals over queries. Symbols are ranked among all CLDR symbols but flags.",
            table(["retrieval", "", *columns], rows),
            f"English kept: cosine to the teacher on English text never trained on {facts['english']}.",
            "## Size, parity, time",
            table(
                ["fact", "value"],
                [["vocabulary", str(facts["vocabulary"])], *([key, value] for key, value in export.items())],
            ),
            f"Everything in process, one thread, machine shared with other work, median: {latency}.",
            _notes("text_encoder_tail"),
        ]
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text_encoder.md").write_text(text + "\n", "utf-8")


def write_utterance_card(results: dict[str, Facts], templates: dict[str, int], export: Facts, folder: Path) -> None:
    """Write `utterance.md` and its figures from the measured facts and the hand-written notes."""
    names = list(results)
    metrics = list(results[names[0]]["scores"])
    rows = [
        [name, str(results[name]["count"]), *(str(results[name]["scores"][metric]) for metric in metrics)]
        for name in names
    ]
    parts = ["# Model card: utterance", _notes("utterance_head")]
    parts += [f"Templates: training {templates['train']}, validation {templates['val']}, test {templates['test']}."]
    parts += ["## Results", table(["set", "texts", *metrics], rows)]
    calibration = [
        [name, f"{results[name]['intent calibration error']:.3f}", f"{results[name]['emotion calibration error']:.3f}"]
        for name in names
    ]
    parts += ["Expected calibration error (ten bins):", table(["set", "intent", "emotion"], calibration)]
    for kind in ("intent F1", "emotion F1"):
        classes = results[names[0]][kind]
        parts += [
            f"## {kind} by class",
            table(["class", *names], [[c, *(_number(results[n][kind][c]) for n in names)] for c in classes]),
        ]
    slots = results[names[0]]["slot F1"]
    parts += ["## Slot F1 by slot (spans in the set)"]
    parts += [
        table(
            ["slot", *names],
            [
                [s, *(f"{_number(results[n]['slot F1'][s][0])} ({results[n]['slot F1'][s][1]})" for n in names)]
                for s in slots
            ],
        )
    ]
    parts += ["## Confusion", *_figures(results, folder / "figures")]
    parts += ["## Every error on the hand-written set"]
    for name in (name for name in names if name.startswith("hand")):
        parts += [
            f"### {name}",
            table(["text", "wanted", "answered"], [list(error) for error in results[name]["errors"]]),
        ]
    parts += [
        "## Size and parity",
        table(["fact", "value"], [[k, f"{v:.5g}"] for k, v in export.items() if "heads" in k or "utter" in k]),
    ]
    parts += [_notes("utterance_tail")]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "utterance.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def _figures(results: dict[str, Facts], folder: Path) -> list[str]:
    lines = []
    for origin in ("test templates", "hand-written, new", "hand-written, fresh", "hand-written, development"):
        members = [facts for name, facts in results.items() if name.startswith(origin)]
        for kind, labels in (("intent", INTENTS), ("emotion", EMOTIONS)):
            path = folder / f"utterance_{kind}_{origin.replace('-', '_').replace(', ', '_').replace(' ', '_')}.png"
            confusion_figure(
                sum(facts[f"{kind} confusion"] for facts in members), labels, f"{kind}, {origin}, all languages", path
            )
            lines.append(f"![{kind} confusion, {origin}](figures/{path.name})")
    return lines
