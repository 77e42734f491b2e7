"""What people read about an error, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from servicekit.errors import ServiceError

_DEFAULT = Path(__file__).with_name("messages.yaml")


class Messages:
    """Sentences by reason.

    Args:
        path: YAML: reason → language → sentence.
    """

    def __init__(self, path: Path = _DEFAULT) -> None:
        self._sentences: Mapping[str, Mapping[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def of(self, error: ServiceError, language: str) -> str:
        """The sentence for an error; its own English one where there is none."""
        return self._sentences.get(error.reason, {}).get(language, error.message)
