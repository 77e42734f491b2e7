"""The words that rows and tools use for states, reasons and kinds."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands."""

    UNPAID = "unpaid"
    PAID = "paid"
    PACKING = "packing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


UNSENT = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PACKING)


class ParcelStatus(StrEnum):
    """Where a parcel stands, by its last scan."""

    ANNOUNCED = "announced"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    PICKUP_POINT = "pickup_point"
    DELIVERED = "delivered"


class TicketKind(StrEnum):
    """What a ticket is about; a hand-over is made by its own tool."""

    DELAY = "delay"
    LOST = "lost"
    NOT_RECEIVED = "not_received"
    DAMAGE = "damage"
    COMPLAINT = "complaint"
    QUESTION = "question"
    HAND_OVER = "hand_over"


class ReturnReason(StrEnum):
    """Why something is sent back."""

    CHANGED_MIND = "changed_mind"
    WRONG_SIZE = "wrong_size"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"


OUR_FAULT = (ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM, ReturnReason.NOT_AS_DESCRIBED)


class RefundReason(StrEnum):
    """Why money goes back without anything being sent back first."""

    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    NOT_RECEIVED = "not_received"
    LOST = "lost"
    CANCELLED = "cancelled"


class CouponReason(StrEnum):
    """Why a coupon is given."""

    DELAY = "delay"
    GOODWILL = "goodwill"


class ApprovalStatus(StrEnum):
    """Where an approval stands. FAILED: a person said yes, but it was no longer possible."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    FAILED = "failed"
