"""`stickerdesk keys`: what it does to the tenants file, and what a file's owner may rely on."""

from __future__ import annotations

import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.tokens import VisitorTokens
from gateway.trust.authenticator import Authenticator
from gateway.trust.ledger import open_redis
from gateway.trust.usage import KeyUsage
from launcher.__main__ import app
from launcher.errors import LauncherError
from servicekit.errors import ServiceError
from servicekit.tenants import Scope
from servicekit.tenants_file import TenantBook, load_tenants

pytestmark = pytest.mark.integration

FILE = """\
# who we serve
version: 1
tenants:
  acme:  # since 2024
    origins: ['https://acme.example']
  beta:
"""


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, ["keys", *words])


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tenants file, named by the environment."""
    path = tmp_path / "tenants.yaml"
    path.write_text(FILE.replace("  beta:\n", "  beta: {}\n"), "utf-8")
    monkeypatch.setenv("STICKERDESK_TENANTS_FILE", str(path))
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path / "data"))
    return path


def _create(*words: str) -> str:
    made = _run("create", *words)
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


def test_a_key_from_its_making_to_its_end(file: Path) -> None:
    """Made, it opens the edge; listed, it is seen; revoked, it is refused while the edge runs."""
    book = TenantBook.open(file)
    edge = Authenticator(VisitorTokens(b"x" * 32, tenant="acme", life_s=60), book)
    key = _create("acme", "--scope", "broadcast", "--scope", "agent", "--name", "crm", "--expires-days", "7")
    assert book.refresh()
    who = edge.verify(key)
    assert (who.tenant, who.scopes) == ("acme", {Scope.BROADCAST, Scope.AGENT})
    assert 6.9 * 86_400 < who.expires_at_s - time.time() < 7.1 * 86_400
    identity = key.split("_")[2]
    listed = _run("list")
    assert all(word in listed.stdout for word in (identity, "crm", "agent broadcast", "good until", "never"))
    assert key.split("_", 3)[3] not in listed.stdout + file.read_text()
    assert _run("revoke", identity).exit_code == 0
    assert book.refresh()
    with pytest.raises(ServiceError) as refused:
        edge.verify(key)
    assert refused.value.reason == "TOKEN_REVOKED"
    first = file.read_text()
    assert _run("revoke", identity).exit_code == 0
    assert file.read_text() == first
    assert "revoked" in _run("list", "acme").stdout
    assert identity not in _run("list", "beta").stdout


def test_the_file_stays_its_owners(file: Path) -> None:
    """Comments, order, quotes and rights are kept; a link stays a link."""
    file.chmod(0o640)
    link = file.with_name("link.yaml")
    link.symlink_to(file)
    _create("acme", "--scope", "service", "--file", str(link))
    text = file.read_text()
    assert "# who we serve" in text
    assert "# since 2024" in text
    assert "'https://acme.example'" in text
    assert text.index("acme") < text.index("beta")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert link.is_symlink()


def test_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made when it is asked for, readable by its owner alone."""
    path = tmp_path / "new.yaml"
    key = _create("shop", "--scope", "admin", "--add-tenant", "--file", str(path))
    assert key.startswith("sd_shop_")
    assert load_tenants(path).tenants["shop"].keys[0].scopes == {Scope.ADMIN}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create", "nobody", "--scope", "agent"), "no tenant 'nobody'"),
        (("create", "Bad Name", "--scope", "agent", "--add-tenant"), "would be wrong"),
        (("revoke", "nothing"), "no key 'nothing'"),
        (("list", "nobody"), "no tenant 'nobody'"),
        (("list", "--file", "/nowhere/t.yaml"), "No such file"),
        (("create", "acme", "--scope", "agent", "--file", "/nowhere/t.yaml"), "cannot be edited"),
    ],
)
def test_mistakes_are_sentences(file: Path, words: tuple[str, ...], says: str) -> None:
    """And the file is as it was."""
    before = file.read_text()
    result = _run(*words)
    assert result.exit_code != 0
    assert isinstance(result.exception, LauncherError)
    assert says in str(result.exception)
    assert file.read_text() == before


def test_a_broken_file_is_not_touched(file: Path) -> None:
    """What cannot be read is not overwritten."""
    file.write_text("version: 1\ntenants: {acme: {origin: x}}\n")
    result = _run("create", "acme", "--scope", "agent")
    assert "no such field" in str(result.exception)
    assert file.read_text() == "version: 1\ntenants: {acme: {origin: x}}\n"


def test_no_scope_no_key(file: Path) -> None:
    """A scope has to be named, and has to be one."""
    assert _run("create", "acme").exit_code == 2
    assert _run("create", "acme", "--scope", "everything").exit_code == 2


def test_edits_at_once_are_all_kept(file: Path) -> None:
    """Ten people make a key at the same moment: ten keys."""
    from launcher.keys import create

    with ThreadPoolExecutor(10) as people:
        jobs = [
            people.submit(create, file, "acme", name=f"n{n}", scopes=["agent"], days=None, add_tenant=False)
            for n in range(10)
        ]
    assert [job.exception() for job in jobs] == [None] * 10
    assert {key.name for key in load_tenants(file).tenants["acme"].keys} == {f"n{n}" for n in range(10)}
    assert [path.name for path in file.parent.iterdir() if path.name.endswith(".yaml")] == ["tenants.yaml"]


async def test_the_last_use_is_listed(
    file: Path, tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the edge wrote it, into its folder or into Redis; garbage there is no crash."""
    identity = _create("acme", "--scope", "agent").split("_")[2]
    usage = KeyUsage(tmp_path / "data" / "gateway" / "keys-used.json", clock=lambda: 1_767_225_600.0)
    usage.mark("acme", identity)
    await usage.write()
    await usage.write()
    assert "2026-01-01 00:00" in _run("list").stdout
    client = open_redis(redis_url)
    shared = KeyUsage(tmp_path / "none", client, clock=lambda: 1_767_312_000.0)
    shared.mark("acme", identity)
    await shared.write()
    await client.aclose()
    monkeypatch.setenv("STICKERDESK_REDIS_URL", redis_url)
    assert "2026-01-02 00:00" in _run("list").stdout
    monkeypatch.setenv("STICKERDESK_REDIS_URL", "redis://127.0.0.1:1/0")
    (tmp_path / "data" / "gateway" / "keys-used.json").write_text(json.dumps([1]))
    assert "never" in _run("list").stdout


async def test_a_use_that_cannot_be_written_is_not_lost(tmp_path: Path) -> None:
    """It goes with the next write."""
    folder = tmp_path / "gateway"
    folder.write_text("in the way")
    usage = KeyUsage(folder / "keys-used.json")
    usage.mark("acme", "k1")
    await usage.write()
    folder.unlink()
    usage.mark("acme", "k2")
    await usage.write()
    assert set(json.loads((folder / "keys-used.json").read_text())) == {"acme/k1", "acme/k2"}
