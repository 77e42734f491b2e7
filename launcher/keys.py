"""`stickerdesk keys`: makes, lists and revokes API keys by editing the tenants file.

The file stays the operator's: its comments and order are kept, it is replaced in one step by a version that has been
checked, and two edits at once wait for each other.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rich.table import Table
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from launcher import runfile
from launcher.display import console
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings
from servicekit.api_keys import new_api_key
from servicekit.tenants import KeyRecord, utc_now
from servicekit.tenants_file import TenantsFileError, load_tenants, parse_tenants

_REDIS_TIMEOUT_S = 1.0
_WIDTH = 120


def create(
    file: Path | None, tenant: str, *, name: str, scopes: Sequence[str], days: int | None, add_tenant: bool
) -> None:
    """Makes a key and prints it, this once.

    Raises:
        LauncherError: There is no such file or tenant, or the file cannot be edited.
    """
    path = _named(file)
    key, now = new_api_key(tenant), utc_now()
    with _editing(path, may_create=add_tenant) as document:
        tenants = document.setdefault("tenants", {})
        if tenant not in tenants:
            if not add_tenant:
                raise LauncherError(f"{path} has no tenant {tenant!r}.", "Add it with --add-tenant.")
            tenants[tenant] = {}
        if tenants[tenant] is None:
            tenants[tenant] = {}
        record = {"id": key.id, "name": name, "hash": key.hash, "scopes": sorted(scopes), "created_at": _text(now)}
        if days is not None:
            record["expires_at"] = _text(now + timedelta(days=days))
        if not tenants[tenant].get("keys"):
            tenants[tenant]["keys"] = []
        tenants[tenant]["keys"].append({name: value for name, value in record.items() if value != ""})
    print(key)
    print("Keep it now: only its hash is in the file, nobody can show it again.", file=sys.stderr)


def show(file: Path | None, tenant: str | None, settings: LauncherSettings) -> None:
    """Prints a line per key.

    Raises:
        LauncherError: There is no such file or tenant, or the file is wrong.
    """
    path = _named(file)
    try:
        tenants = load_tenants(path).tenants
    except TenantsFileError as error:
        raise LauncherError(str(error)) from None
    if tenant is not None and tenant not in tenants:
        raise LauncherError(f"{path} has no tenant {tenant!r}.", f"It has: {', '.join(sorted(tenants))}.")
    used = _last_used(settings)
    table = Table("key", "tenant", "name", "scopes", "created", "state", "last used", box=None, pad_edge=False)
    for identity, section in sorted(tenants.items()):
        for key in section.keys if tenant in (None, identity) else []:
            moment = used.get(f"{identity}/{key.id}")
            seen = "never" if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"
            scopes = " ".join(sorted(key.scopes))
            table.add_row(key.id, identity, key.name, scopes, f"{key.created_at:%Y-%m-%d}", _state(key), seen)
    console().print(table)


def revoke(file: Path | None, identity: str) -> None:
    """Marks a key as revoked; a running edge refuses it within seconds.

    Raises:
        LauncherError: There is no such file or key, or the file cannot be edited.
    """
    path = _named(file)
    with _editing(path) as document:
        records = [
            record
            for section in (document.get("tenants") or {}).values()
            for record in (section or {}).get("keys") or []
            if record.get("id") == identity
        ]
        if len(records) != 1:
            raise LauncherError(f"{path} has no key {identity!r}." if not records else f"{identity!r} is not unique.")
        records[0].setdefault("revoked_at", _text(utc_now()))
    print(f"revoked {identity}")


def _named(file: Path | None) -> Path:
    if file is None:
        raise LauncherError("No tenants file is named.", "Set STICKERDESK_TENANTS_FILE or pass --file.")
    return file


@contextmanager
def _editing(path: Path, *, may_create: bool = False) -> Iterator[Any]:
    """The file's content to be changed; written back, checked and in one step, when the block ends well."""
    target = path.resolve()  # a link stays a link
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    try:
        with _locked(target):
            document = _read(yaml, target, may_create)
            yield document
            text = io.StringIO()
            yaml.dump(document, text)
            parse_tenants(text.getvalue(), path.name)
            _replace(target, text.getvalue())
    except TenantsFileError as error:
        raise LauncherError(f"The file would be wrong, it is left as it was: {error}") from None
    except (OSError, YAMLError) as error:
        raise LauncherError(f"{path} cannot be edited: {error}.") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock beside the file: the file itself is another one after every edit."""
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(yaml: YAML, path: Path, may_create: bool) -> Any:
    if may_create and not path.exists():
        return {"version": 1, "tenants": {}}
    text = path.read_text("utf-8")
    parse_tenants(text, path.name)
    return yaml.load(text)


def _replace(path: Path, text: str) -> None:
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.touch(mode=0o600)
    try:
        if path.exists():
            made.chmod(path.stat().st_mode & 0o777)
        with made.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _state(key: KeyRecord) -> str:
    now = utc_now()
    if key.revoked_at is not None and key.revoked_at <= now:
        return "revoked"
    if key.expires_at is None:
        return "good"
    return "expired" if key.expires_at <= now else f"good until {key.expires_at:%Y-%m-%d}"


def _last_used(settings: LauncherSettings) -> dict[str, int]:
    """What the edge has written, in its data folder or in Redis; nothing where neither can be read."""
    used: dict[str, int] = {}
    try:
        kept = json.loads((settings.data_dir / "gateway" / "keys-used.json").read_bytes())
        used.update({name: int(moment) for name, moment in kept.items()})
    except (OSError, ValueError, AttributeError, TypeError):
        pass
    if (url := _redis_url(settings)) is not None:
        try:
            with Redis.from_url(url, socket_timeout=_REDIS_TIMEOUT_S, socket_connect_timeout=_REDIS_TIMEOUT_S) as redis:
                for name, moment in dict(redis.hgetall("sd:keys:used")).items():
                    used[name.decode()] = max(int(moment), used.get(name.decode(), 0))
        except (RedisError, OSError, ValueError):
            pass
    return used


def _redis_url(settings: LauncherSettings) -> str | None:
    if settings.redis_url is not None:
        return settings.redis_url
    running = runfile.read(settings.data_dir)
    return running.parts["valkey"].address if running is not None and "valkey" in running.parts else None
