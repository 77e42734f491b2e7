"""`stickerdesk approvals` on a real store and a real back office, with the orchestrator's own command in between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from launcher import runfile
from launcher.__main__ import app
from launcher.errors import LauncherError
from orchestrator.backoffice.schema import Coupon
from orchestrator.tools.tool import Outcome
from tests.orchestrator.backoffice.shops import Shop, made, order

pytestmark = pytest.mark.integration


@pytest.fixture
def data_dir(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a stack that runs, as far as `run.json`, its store and its back office go."""
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("STICKERDESK_REDIS_URL", raising=False)
    (tmp_path / "orchestrator").mkdir()
    asyncio.run(made(_url(tmp_path)))
    with runfile.claim(tmp_path):
        part = runfile.RunningPart(redis_url, embedded=True)
        runfile.RunFile(1, "http://127.0.0.1:1", "now", "0", {"valkey": part}).write(tmp_path)
        yield tmp_path


def _url(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'orchestrator' / 'backoffice.sqlite3'}"


def _asked(data_dir: Path) -> str:
    """A customer is to get a coupon out of goodwill, which needs a person; the number of what waits."""

    async def ask() -> str:
        shop = Shop(_url(data_dir))
        wish = {"parcel": order("demo-lin", "lost"), "reason": "goodwill"}
        asked = await shop.run("issue_coupon", "demo-lin", wish)
        await shop.close()
        assert asked.outcome is Outcome.APPROVAL_NEEDED
        return str(asked.facts["approval"])

    return asyncio.run(ask())


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, ["approvals", *words])


def _coupons(data_dir: Path) -> int:
    async def count() -> int:
        shop = Shop(_url(data_dir))
        found = await shop.count(Coupon, Coupon.reason == "goodwill", Coupon.approved_by == "mei")
        await shop.close()
        return found

    return asyncio.run(count())


def test_what_waits_is_listed_and_approved(data_dir: Path) -> None:
    """It is listed with what it costs, done once however often a person says yes, and then waits no more."""
    waiting = _asked(data_dir)
    listed = _run("list")
    assert listed.exit_code == 0
    assert waiting in listed.output
    assert "issue_coupon" in listed.output
    for _ in range(2):
        approved = _run("approve", waiting, "--by", "mei", "--note=photo seen")
        assert approved.exit_code == 0, approved.exception
        assert f"{waiting} approved" in approved.output
    assert _coupons(data_dir) == 1
    assert "nothing waits" in _run("list").output


def test_denied_stays_denied(data_dir: Path) -> None:
    """What is denied is not done, and nobody can approve it afterwards."""
    waiting = _asked(data_dir)
    assert f"{waiting} denied" in _run("deny", waiting, "--by", "mei").output
    with pytest.raises(LauncherError, match="APPROVAL_DECIDED"):
        raise _run("approve", waiting, "--by", "mei").exception or AssertionError("was approved")
    assert _coupons(data_dir) == 0


@pytest.mark.parametrize("number", ["AP0", "--help", "; rm -rf /"])
def test_unknown_number_is_refused(data_dir: Path, number: str) -> None:
    """Whatever is typed for a number is a number and nothing else."""
    with pytest.raises(LauncherError, match="APPROVAL_UNKNOWN"):
        raise _run("approve", "--", number).exception or AssertionError("was approved")


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack, no approvals."""
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path / "none"))
    with pytest.raises(LauncherError, match="No stack runs"):
        raise _run("list").exception or AssertionError("was listed")
