"""Who may see a sticker's picture is decided by the packs that tenants have."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.sticker_links import StickerLinks
from servicekit.errors import Code, ServiceError
from servicekit.tenants import Tenant, Tenants
from servicekit.tenants_file import TenantBook

pytestmark = pytest.mark.unit

SECRET = b"a secret of the tests, long enough"
SHA = "ab" * 32


def _book(**packs: list[str] | None) -> TenantBook:
    return TenantBook(Tenants(version=1, tenants={name: Tenant(packs=listed) for name, listed in packs.items()}))


def _asked(path: str) -> tuple[str, str, str, str]:
    """What the edge reads out of an address."""
    parts = urlsplit(path)
    _, _, pack, name, sha = parts.path.split("/")
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return f"{pack}/{name}", sha, query.get("t", ""), query.get("s", "")


def test_what_every_tenant_has_is_public() -> None:
    """Without a tenants file that is everything; with one, what all list; and what ships, always."""
    alone = StickerLinks(SECRET, _book(default=None))
    assert alone.path("default", "any/cat", SHA) == f"/stickers/any/cat/{SHA[:16]}"
    several = StickerLinks(SECRET, _book(default=None, acme=["house", "acme"], beta=["house"]), ["noto"])
    assert several.check("house/cat", SHA[:16], "", "")
    assert several.check("noto/cat", SHA[:16], "", "")
    assert "?" not in several.path("beta", "house/cat", SHA)


def test_a_tenants_own_pack_is_seen_by_its_address_alone() -> None:
    """The address that acme's customers got opens it; nothing that others can make up does."""
    links = StickerLinks(SECRET, _book(acme=["house", "acme"], beta=["house"]))
    sticker, sha, tenant, signature = _asked(links.path("acme", "acme/cat", SHA))
    assert not links.check(sticker, sha, tenant, signature)
    of_beta = _asked(links.path("beta", "acme/cat", SHA))
    for asked in (
        (sticker, sha, "", ""),
        (sticker, sha, tenant, ""),
        (sticker, sha, tenant, signature[:-1]),
        (sticker, sha, tenant, signature + "é"),
        (sticker, sha, "beta", signature),
        (sticker, "0" * 16, tenant, signature),
        ("acme/dog", sha, tenant, signature),
        of_beta,
    ):
        with pytest.raises(ServiceError) as refused:
            links.check(*asked)
        assert (refused.value.code, refused.value.reason) == (Code.NOT_FOUND, "STICKER_NOT_FOUND")


def test_another_key_signs_otherwise() -> None:
    """An address of another installation is none here."""
    book = _book(acme=["acme"], beta=[])
    asked = _asked(StickerLinks(b"another secret, as long as it has", book).path("acme", "acme/cat", SHA))
    with pytest.raises(ServiceError):
        StickerLinks(SECRET, book).check(*asked)


def test_a_pack_that_was_taken_away_is_gone() -> None:
    """The file that is read again counts, for what is public too."""
    book = _book(acme=["acme"], beta=[])
    links = StickerLinks(SECRET, book)
    asked = _asked(links.path("acme", "acme/cat", SHA))
    links.check(*asked)
    book.current = Tenants(version=1, tenants={"acme": Tenant(packs=[]), "beta": Tenant(packs=[])})
    book.version += 1
    with pytest.raises(ServiceError):
        links.check(*asked)
    book.current = Tenants(version=1, tenants={"acme": Tenant()})
    book.version += 1
    assert links.check("acme/cat", SHA[:16], "", "")
