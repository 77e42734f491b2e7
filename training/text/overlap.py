"""Tell whether a training template happens to say what a template kept back says, word for word."""

import re
from collections.abc import Iterable

from training.text.expand import Template, macros

_TOKEN = re.compile(r"(\[[^\[\]]*\]|\{\w+\})")
_ENDING = r"[?？!！.。～…]*"


def held_pattern(templates: Iterable[Template], language: str) -> re.Pattern[str]:
    """Build one pattern for everything that `templates` can say; slot placeholders stand for themselves.

    Match it against a resolved template without its blanks: `compact` of the text.
    """
    said = {_pattern(template.text, language) for template in templates if template.language == language}
    return re.compile(f"(?:{'|'.join(sorted(said))}){_ENDING}", re.IGNORECASE)


def compact(text: str) -> str:
    """Leave out the blanks, which carry no meaning here."""
    return text.replace(" ", "")


def _pattern(text: str, language: str) -> str:
    parts = []
    for token in filter(None, _TOKEN.split(text)):
        words = macros().get((token[1:-1], language)) if token.startswith("{") else None
        if token.startswith("["):
            words = token[1:-1].split("|")
        if words is None:
            parts.append(re.escape(compact(token)))
        else:
            parts.append(f"(?:{'|'.join(_pattern(word, language) for word in words)})")
    return "".join(parts)
