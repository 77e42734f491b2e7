"""What the tenants file says that concerns conversations: the packs and the knowledge of each tenant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from servicekit.tenants import single_tenant
from servicekit.tenants_file import TenantBook


def open_book(path: Path | None) -> TenantBook:
    """The tenants of the file; without one, a book in which nobody has anything of their own.

    Raises:
        TenantsFileError: The file is wrong.
    """
    return TenantBook(single_tenant("default")) if path is None else TenantBook.open(path)


def packs_of(book: TenantBook, tenant: str) -> Sequence[str] | None:
    """The sticker packs of a tenant; None: all of the catalogue."""
    section = book.current.get(tenant)
    return None if section is None else section.packs


def knowledge_of(book: TenantBook, tenant: str) -> Path | None:
    """The folder of a tenant's articles; None: the default one."""
    section = book.current.get(tenant)
    return None if section is None else section.knowledge
