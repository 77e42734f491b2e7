"""All addresses that the edge gives to one tenant's clients."""

from __future__ import annotations

from gateway.pictures.links import PictureLinks
from gateway.sticker_links import StickerLinks


class TenantLinks:
    """What frames name by address.

    Args:
        tenant: Whose clients get them.
        pictures: Makes links to customers' pictures.
        stickers: Makes addresses of stickers.
    """

    __slots__ = ("_pictures", "_stickers", "_tenant")

    def __init__(self, tenant: str, pictures: PictureLinks, stickers: StickerLinks) -> None:
        self._tenant, self._pictures, self._stickers = tenant, pictures, stickers

    def image(self, image_id: str, variant: str) -> str:
        """The path of a customer's picture, "full" or "thumb"."""
        return self._pictures.path(image_id, variant)

    def sticker(self, sticker_id: str, sha256: str) -> str:
        """The path of a sticker's picture."""
        return self._stickers.path(self._tenant, sticker_id, sha256)


class LinkDesk:
    """The same for every tenant.

    Args:
        pictures: Makes links to customers' pictures.
        stickers: Makes addresses of stickers.
    """

    def __init__(self, pictures: PictureLinks, stickers: StickerLinks) -> None:
        self._pictures, self._stickers = pictures, stickers
        self._tenants: dict[str, TenantLinks] = {}

    def of(self, tenant: str) -> TenantLinks:
        """One tenant's; only for tenants that are, for each is kept."""
        made = self._tenants.get(tenant)
        if made is None:
            made = self._tenants[tenant] = TenantLinks(tenant, self._pictures, self._stickers)
        return made
