"""Reply templates: the next variant each time, placeholders filled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from orchestrator.cases.told import SAID, Part
from orchestrator.retrieval.knowledge import Knowledge

ASK_FOR_PERSON = {"en": "Talk to a person", "zh": "转人工"}
"""The quick reply that asks for a person; the lexicon understands it."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Templates:
    """What the built-in engine says besides articles.

    Args:
        knowledge: Where the templates and the shop's values come from.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._replies, self._values = knowledge.replies, knowledge.values

    def __contains__(self, name: str) -> bool:
        """Whether there is such a template."""
        return name in self._replies

    def tell(self, parts: Sequence[Part], language: str, used: Mapping[str, int]) -> tuple[str, dict[str, int]]:
        """Several parts as one text, and the variants that were used."""
        said: list[str] = []
        variants: dict[str, int] = {}
        for part in parts:
            if part.template == SAID:
                said.append(part.values["text"])
                continue
            text, also = self.say(part.template, language, used, part.values)
            said.append(text)
            variants |= also
        return (" " if language == "en" else "").join(said), variants

    def say(
        self, name: str, language: str, used: Mapping[str, int], extra: Mapping[str, str] | None = None
    ) -> tuple[str, dict[str, int]]:
        """The next variant of a template, and which one it was.

        Args:
            name: Of the template.
            language: "en" or "zh".
            used: The variant of each template that was used last.
            extra: Values besides the shop's own.
        """
        variants = self._replies[name][language]
        values = {**self._values[language], **(extra or {})}
        fit = _that_fit(variants, values, whole="/" in name)
        for step in range(1, len(variants) + 1):
            index = (used.get(name, -1) + step) % len(variants)
            if index in fit:
                return _PLACEHOLDER.sub(lambda found: values[found[1]], variants[index]), {name: index}
        raise KeyError(f"no variant of {name} can be filled")


def _that_fit(variants: Sequence[str], values: Mapping[str, str], *, whole: bool) -> set[int]:
    """The variants that can be filled; with `whole` without those that keep back what another one tells.

    What a form asks or reports is whole: a refund must not go unsaid because a variant without it is next.
    """
    needs = [set(_PLACEHOLDER.findall(one)) for one in variants]
    fit = {index for index, need in enumerate(needs) if need <= values.keys()}
    return {index for index in fit if not whole or not any(needs[index] < needs[other] for other in fit)}
