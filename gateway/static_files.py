"""The pages, the SDK and the widget: files of one folder, with their types, ETags and security headers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from gateway.trust.headers import page_headers

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".ts": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".yaml": "application/yaml",
    ".webmanifest": "application/manifest+json",
}
_MAX_FILE_BYTES = 4 * 1024 * 1024

Ancestors = Callable[[str | None], Sequence[str]]


@dataclass(frozen=True, slots=True)
class _File:
    """A file in memory, as of one modification."""

    modified_ns: int
    body: bytes
    etag: str
    media_type: str


class StaticFiles:
    """Serves the files below one folder, never anything outside it, no dot files.

    Files are read once and again when they change on disk, so that a page can be edited while the edge runs.

    Args:
        root: The folder.
        ancestors: Origins that may show the pages in a frame, by the tenant that the address names.
    """

    def __init__(self, root: Path, ancestors: Ancestors = lambda tenant: ()) -> None:
        self._root = root.resolve()
        self._ancestors = ancestors
        self._files: dict[Path, _File] = {}

    def respond(self, request: Request, path: str) -> Response | None:
        """The file at `path` below the folder, or None when there is none."""
        found = self._find(path)
        if found is None:
            return None
        headers = {
            "etag": found.etag,
            # Pages and modules must match each other after an upgrade: ask each time, mostly for a 304.
            "cache-control": "no-cache" if found.media_type.startswith("text/html") else "public, max-age=60",
            "x-content-type-options": "nosniff",
            "access-control-allow-origin": "*",  # the widget's modules are loaded by other sites' pages
        }
        if found.media_type.startswith("text/html"):
            ancestors = self._ancestors(request.query_params.get("tenant"))
            headers.update(page_headers(request.headers.get("host", ""), ancestors))
        if matches(request.headers.get("if-none-match"), found.etag):
            return Response(None, 304, headers)
        return Response(found.body, 200, headers, found.media_type)

    def _find(self, path: str) -> _File | None:
        parts = path.split("/")
        if any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        target = self._root.joinpath(*parts)
        media_type = _TYPES.get(target.suffix.lower())
        try:
            if media_type is None or not target.resolve().is_relative_to(self._root) or not target.is_file():
                return None
            return self._load(target, media_type)
        except OSError:  # a name too long, a file that vanished
            return None

    def _load(self, target: Path, media_type: str) -> _File | None:
        facts = target.stat()
        kept = self._files.get(target)
        if kept is not None and kept.modified_ns == facts.st_mtime_ns and len(kept.body) == facts.st_size:
            return kept
        if facts.st_size > _MAX_FILE_BYTES:
            return None
        body = target.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        self._files[target] = fresh = _File(facts.st_mtime_ns, body, etag, media_type)
        return fresh


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether a client has this very version (RFC 9110, section 13.1.2: weak comparison)."""
    if not if_none_match:
        return False
    wanted = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return "*" in wanted or etag.removeprefix("W/") in wanted
