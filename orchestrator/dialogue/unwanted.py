"""What a message says is not wanted: "don't cancel it", "不用退了". It asks for nothing and stops what is open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from orchestrator.dialogue.forms import Forms
from orchestrator.dialogue.phrases import PHRASES


class Unwanted:
    """Finds what is not wanted by the words for what forms do.

    Args:
        forms: All of them.
    """

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        deeds = {form.name: [*form.triggers.deeds.en, *form.triggers.deeds.zh] for form in forms}
        self._firm: Mapping[str, re.Pattern[str]] = {
            name: PHRASES.unwanted("firm", words) for name, words in deeds.items()
        }
        self._beside: Mapping[str, re.Pattern[str]] = {
            name: PHRASES.unwanted("beside", words) for name, words in deeds.items()
        }

    def without(self, text: str, wants: Callable[[str], bool]) -> str:
        """The text with blanks in place of what is not wanted. `wants` tells whether a text asks for something."""
        for found in [*self._found(text, self._firm, wants), *self._found(text, self._beside, wants)]:
            text = text[: found[1].start()] + " " * len(found[1].group()) + text[found[1].end() :]
        return text

    def named(self, text: str, wants: Callable[[str], bool]) -> frozenset[str]:
        """The forms that are said, by itself, not to be wanted."""
        return frozenset(name for name, _ in self._found(text, self._firm, wants))

    def _found(
        self, text: str, frames: Mapping[str, re.Pattern[str]], wants: Callable[[str], bool]
    ) -> Iterator[tuple[str, re.Match[str]]]:
        for name, frame in frames.items():
            for match in frame.finditer(text):
                if not self._of_one_thing(text[match.end() :], wants):
                    yield name, match

    def _of_one_thing(self, rest: str, wants: Callable[[str], bool]) -> bool:
        """Whether it is about a thing that is set against another ("don't return the mug, just the tote")."""
        other = PHRASES.after("contrasts", rest)
        if not other or PHRASES.has("only_asks", other):  # "I only want to know how …"
            return False
        return self._forms.names_product(other) and not wants(other)
