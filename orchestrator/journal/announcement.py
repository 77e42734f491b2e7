"""What a shop announces, and whom to."""

from __future__ import annotations

import msgspec


class Announcement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An announcement to a tenant's live conversations.

    Attributes:
        id: Names it: no conversation gets it twice.
        text_en: What is read in English; empty: what is read in Chinese.
        text_zh: What is read in Chinese; empty: what is read in English.
        languages: Only conversations in these; none: all.
        customer_ids: Only these customers; none: all.
    """

    id: str
    tenant: str
    text_en: str = ""
    text_zh: str = ""
    languages: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()

    def concerns(self, tenant: str, customer_id: str) -> bool:
        """Whether a customer is meant; of languages only the journal knows."""
        return tenant == self.tenant and (not self.customer_ids or customer_id in self.customer_ids)
