"""The same chart through Helm 3: what one engine accepts, the other does too."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from tests.chart.render import CHART, ROOT, objects

pytestmark = pytest.mark.chart

HELM3 = ROOT / ".cache" / "npm" / "node_modules" / ".bin" / "helm"


def helm3(*arguments: str) -> subprocess.CompletedProcess[str]:
    if not HELM3.exists():
        pytest.skip("Helm 3 is not here: install Node.js with npm, then run `make test` again")
    return subprocess.run([HELM3, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", ["1.27.0", "1.34.0"])
def test_helm_3_renders_the_same_objects(version: str) -> None:
    """Same objects, same specs, at the oldest and a recent Kubernetes."""
    done = helm3("template", "desk", str(CHART), "--namespace", "shop", "--kube-version", version)
    assert done.returncode == 0, done.stderr

    def specs(items: list[dict]) -> dict[tuple[str, str], object]:
        return {(item["kind"], item["metadata"]["name"]): item.get("spec") for item in items}

    assert specs([d for d in yaml.safe_load_all(done.stdout) if d]) == specs(objects())


def test_helm_3_refuses_an_old_cluster() -> None:
    """Without native gRPC probes the chart says so instead of failing later."""
    done = helm3("template", "desk", str(CHART), "--kube-version", "1.22.0")
    assert done.returncode != 0
    assert "incompatible with Kubernetes" in done.stderr
