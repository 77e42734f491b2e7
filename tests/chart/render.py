"""Renders the chart with the Helm SDK; `python -m tests.chart.render` rewrites the golden render."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "stickerdesk"
GOLDEN = Path(__file__).with_name("golden.yaml")


def render(values: dict[str, Any] | None = None) -> dict[str, str]:
    """Template path → text, for the release "desk" in the namespace "shop"."""
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema(values or {})
        manifests: dict[str, str] = chart.render(values or {}, name="desk", namespace="shop")
    return manifests


def objects(values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The Kubernetes objects of a render."""
    texts = (text for path, text in render(values).items() if path.endswith(".yaml"))
    return [document for text in texts for document in yaml.safe_load_all(text) if document]


def golden() -> str:
    """The default render as one text, without what differs each time: the generated token secret."""
    parts = [f"# {path}\n{text.strip()}\n" for path, text in sorted(render().items()) if text.strip()]
    return re.sub(r"token-secret: \S{20,}", "token-secret: GENERATED", "---\n".join(parts))


if __name__ == "__main__":
    GOLDEN.write_text(golden(), encoding="utf-8")
