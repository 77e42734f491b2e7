"""Cards and forms as an answer brings them, for tests and pictures."""

from __future__ import annotations

from typing import Any

ORDER: dict[str, Any] = {
    "kind": "order",
    "number": "SD-20260301-118",
    "status": "shipped",
    "status_text": "On its way",
    "placed_at": "2026-03-01T08:12:00Z",
    "total": {"minor": 25800, "currency": "CNY"},
    "lines": [
        {"sku": "MUG-01", "title": "Peachwood mug", "quantity": 2, "unit": {"minor": 4900, "currency": "CNY"}},
        {
            "sku": "LAMP-02",
            "title": "Reading lamp, warm white",
            "quantity": 1,
            "unit": {"minor": 16000, "currency": "CNY"},
        },
    ],
    "parcels": [
        {
            "tracking_number": "SF1029384756",
            "carrier": "SF Express",
            "status": "in_transit",
            "progress": "On its way to you",
            "last_scan": "Left the sorting centre in Hangzhou",
            "last_scan_at": "2026-03-02T04:30:00Z",
        }
    ],
}
TICKET: dict[str, Any] = {
    "kind": "ticket",
    "number": "T-4711",
    "ticket_kind": "parcel_exception",
    "status": "open",
    "text": "Parcel without news: we ask the carrier",
    "opened_at": "2026-03-02T09:00:00Z",
    "reply_by": "2026-03-04T09:00:00Z",
    "order_number": "SD-20260301-118",
}
COUPON: dict[str, Any] = {
    "kind": "coupon",
    "code": "SORRY-8K2P",
    "amount": {"minor": 1000, "currency": "CNY"},
    "minimum": {"minor": 5000, "currency": "CNY"},
    "expires_at": "2026-04-01T00:00:00Z",
}
FILLED = [
    {"slot": "order", "label": "Order", "value": "SD-20260301-118"},
    {"slot": "reason", "label": "Reason", "value": "It arrived broken"},
]


def form(kind: str, slot: str = "day", **more: Any) -> dict[str, Any]:
    """The question of a return form."""
    return {"form": "return_request", "title": "Return something", "slot": slot, "input": kind, **more}
