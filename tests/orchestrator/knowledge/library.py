"""The knowledge base's data files as these tests read them: plain YAML, no loader of the service in between."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import yaml

KNOWLEDGE = Path(__file__).resolve().parents[3] / "orchestrator" / "knowledge"
LANGUAGES = ("en", "zh")
HAN = re.compile(r"[\u4e00-\u9fff]")


def read(path: Path) -> dict[str, Any]:
    """Return the YAML mapping in `path`."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict), f"{path.name} is no mapping"
    return loaded


POLICY = read(KNOWLEDGE / "policy.yaml")
REPLIES = read(KNOWLEDGE / "replies.yaml")
for _name in ("placeholders", "replies"):
    REPLIES[_name] |= read(KNOWLEDGE / "cases.yaml")[_name]
FILES = {path.stem: read(path) for path in sorted((KNOWLEDGE / "articles").glob("*.yaml"))}
ARTICLES: list[dict[str, Any]] = [article for file in FILES.values() for article in file["articles"]]
QUESTIONS = read(Path(__file__).with_name("questions.yaml"))


def fold(text: str) -> str:
    """Return `text` without case, width, spaces and punctuation, so that the same wording compares equal."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
