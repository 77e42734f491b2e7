"""What the shop asks for from outside a turn, in words of the domain; bounds of the contract are checked here."""

from __future__ import annotations

import re

from orchestrator.converse.convert import bad
from orchestrator.journal.announcement import Announcement
from orchestrator.journal.entries import Revision, RevisionKind
from servicekit.errors import invalid
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

MAX_TEXT_CHARS = 4_000
MAX_ANNOUNCED_CHARS = 1_000
MAX_CUSTOMERS = 1_000
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TENANT = re.compile(r"[a-z0-9-]{1,64}")
_LANGUAGES = frozenset({"en", "zh"})
_REVISIONS = {
    pb.RevisionContent.KIND_EDITED: RevisionKind.EDITED,
    pb.RevisionContent.KIND_RETRACTED: RevisionKind.RETRACTED,
}


def checked_id(identity: str) -> str:
    """An id that a caller chose.

    Raises:
        ServiceError: INVALID_FRAME (400).
    """
    if not _ID.fullmatch(identity):
        raise bad("revision_id", "1 to 64 characters of [A-Za-z0-9._-] are needed")
    return identity


def revision_of(revision: pb.RevisionContent) -> Revision:
    """A change of an entry.

    Raises:
        ServiceError: INVALID_FRAME (400).
    """
    kind = _REVISIONS.get(revision.kind)
    if kind is None:
        raise bad("kind", "edited or retracted")
    if revision.target_seq < 1:
        raise bad("target_seq", "must be at least 1")
    if kind is RevisionKind.RETRACTED:
        return Revision(target_seq=revision.target_seq, kind=kind)
    if not revision.text.strip() or len(revision.text) > MAX_TEXT_CHARS:
        raise bad("text", f"1 to {MAX_TEXT_CHARS} characters are needed")
    return Revision(target_seq=revision.target_seq, kind=kind, text=revision.text)


def announcement_of(request: pb.AnnounceRequest) -> Announcement:
    """An announcement.

    Raises:
        ServiceError: ANNOUNCEMENT_INVALID (400) that names the field.
    """
    english, chinese = request.text.en.strip(), request.text.zh.strip()
    if not _ID.fullmatch(request.announcement_id):
        raise _wrong("announcement_id", "1 to 64 characters of [A-Za-z0-9._-] are needed")
    if not _TENANT.fullmatch(request.tenant):
        raise _wrong("tenant", "1 to 64 characters of [a-z0-9-] are needed")
    if not (english or chinese) or max(len(english), len(chinese)) > MAX_ANNOUNCED_CHARS:
        raise _wrong("text", f"1 to {MAX_ANNOUNCED_CHARS} characters in at least one language are needed")
    if not _LANGUAGES.issuperset(request.languages):
        raise _wrong("languages", "en and zh are known")
    if len(request.customer_ids) > MAX_CUSTOMERS or not all(1 <= len(one) <= 128 for one in request.customer_ids):
        raise _wrong("customer_ids", f"at most {MAX_CUSTOMERS} of 1 to 128 characters")
    return Announcement(
        id=request.announcement_id,
        tenant=request.tenant,
        text_en=english,
        text_zh=chinese,
        languages=tuple(request.languages),
        customer_ids=tuple(request.customer_ids),
    )


def _wrong(field: str, why: str) -> Exception:
    return invalid("ANNOUNCEMENT_INVALID", f"{field}: {why}", metadata={"field": field})
