"""One thing that is asked about what was looked up or done: it alone is told, not the whole story again."""

from __future__ import annotations

from enum import StrEnum

from orchestrator.dialogue.phrases import PHRASES

_MOST_CHARS = 120


class Detail(StrEnum):
    """What is asked; NONE for anything else.

    Of an order: DELIVERED when it came, SIGNED who took it in, CARRIER who brings it, TRACKING its number there, PAID
    what it cost, IS_PAID whether it is paid, PLACED and SENT when, DESTINATION and PHONE where it goes, HELD until when
    it can be picked up, CONTENTS what is in it. Of all: BY_STATE which stand so, SPENT what they came to, BOUGHT how
    many of something.
    Of a late parcel: COUPON_LIFE until when the coupon is good, COUPON_USE what for, CARRIERS_ANSWER when the carrier
    answers, IF_NOTHING what if it does not, or nothing moves, WORKED_ON whether somebody sees to what was reported,
    COMPENSATION what there is for the wait, ARRIVAL whether it will be there by a day, OFFER which of what is offered
    is better, and why. Of a return: RETURN_ARRIVED whether it came in, RETURN_MONEY what it brings. PICKS: no question,
    but which of the things told of is meant. COUPONS which ones are the customer's own; TICKETS how theirs stand.
    Of money that goes back: REFUND_STATE whether it came or was sent, REFUND_WHEN when it is there, REFUND_TOO another
    one, RETURN_NUMBER the number of a return. Of a parcel: AT_PICKUP whether it waits at a pickup point, HELD_OVER what
    becomes of it if nobody fetches it there, WORRY whether there is reason to worry. Of the shelf: SUM what several
    things cost together, BUDGET what there is for so much money. RETURN_UNTIL how long something can still go back,
    CHARGED whether something is paid for what was just cancelled.
    """

    NONE = ""
    DELIVERED = "delivered"
    SIGNED = "signed"
    CARRIER = "carrier"
    TRACKING = "tracking"
    PAID = "paid"
    IS_PAID = "is_paid"
    PLACED = "placed"
    SENT = "sent"
    DESTINATION = "destination"
    PHONE = "phone"
    HELD = "held"
    BY_STATE = "by_state"
    SPENT = "spent"
    BOUGHT = "bought"
    CONTENTS = "contents"
    COUPON_LIFE = "coupon_life"
    CARRIERS_ANSWER = "carriers_answer"
    IF_NOTHING = "if_nothing"
    WORKED_ON = "worked_on"
    COMPENSATION = "compensation"
    COUPON_USE = "coupon_use"
    OFFER = "offer"
    ARRIVAL = "arrival"
    RETURN_ARRIVED = "return_arrived"
    RETURN_MONEY = "return_money"
    PICKS = "picks"
    REFUND_STATE = "refund_state"
    REFUND_WHEN = "refund_when"
    REFUND_TOO = "refund_too"
    RETURN_NUMBER = "return_number"
    AT_PICKUP = "at_pickup"
    HELD_OVER = "held_over"
    WORRY = "worry"
    RETURN_UNTIL = "return_until"
    CHARGED = "charged"
    SUM = "sum"
    BUDGET = "budget"
    COUPONS = "coupons"
    TICKETS = "tickets"


OF_THE_TICKET = frozenset((Detail.CARRIERS_ANSWER, Detail.IF_NOTHING, Detail.WORKED_ON))
OF_THE_COUPON = frozenset((Detail.COUPON_LIFE, Detail.COUPON_USE, Detail.COMPENSATION))
OF_ORDERS = frozenset(
    (
        Detail.DELIVERED, Detail.SIGNED, Detail.CARRIER, Detail.TRACKING, Detail.PAID, Detail.IS_PAID, Detail.PLACED,
        Detail.SENT, Detail.DESTINATION, Detail.PHONE, Detail.HELD, Detail.BY_STATE, Detail.SPENT, Detail.BOUGHT,
        Detail.CONTENTS, Detail.HELD_OVER, Detail.RETURN_UNTIL,
    )
)  # fmt: skip
"""What is told from an order."""

_PHRASES = {
    "asks_own_coupons": Detail.COUPONS,
    "not_sent_yet": Detail.SENT,
    "asks_return_arrived": Detail.RETURN_ARRIVED,
    "asks_refund_when": Detail.REFUND_WHEN,
    "asks_return_number": Detail.RETURN_NUMBER,
    "asks_at_pickup": Detail.AT_PICKUP,
    "asks_held_over": Detail.HELD_OVER,
    "asks_worry": Detail.WORRY,
    "asks_return_until": Detail.RETURN_UNTIL,
    "asks_charged": Detail.CHARGED,
    "asks_return_money": Detail.RETURN_MONEY,
    "asks_refund_state": Detail.REFUND_STATE,
    "asks_coupon_life": Detail.COUPON_LIFE,
    "asks_coupon_use": Detail.COUPON_USE,
    "asks_if_nothing": Detail.IF_NOTHING,
    "asks_carriers_answer": Detail.CARRIERS_ANSWER,
    "asks_worked_on": Detail.WORKED_ON,
    "asks_own_tickets": Detail.TICKETS,
    "asks_compensation": Detail.COMPENSATION,
    "asks_contents": Detail.CONTENTS,
    "asks_spent": Detail.SPENT,
    "asks_bought": Detail.BOUGHT,
    "asks_signed": Detail.SIGNED,
    "asks_tracking": Detail.TRACKING,
    "asks_carrier": Detail.CARRIER,
    "asks_delivered": Detail.DELIVERED,
    "asks_placed": Detail.PLACED,
    "asks_sent": Detail.SENT,
    "asks_phone_on_order": Detail.PHONE,
    "asks_destination": Detail.DESTINATION,
    "asks_held": Detail.HELD,
    "asks_paid": Detail.PAID,
    "asks_is_paid": Detail.IS_PAID,
    "asks_of_offer": Detail.OFFER,
    "asks_arrival": Detail.ARRIVAL,
    "picks_by_thing": Detail.PICKS,
    "asks_refund_too": Detail.REFUND_TOO,
    "asks_budget": Detail.BUDGET,
    "asks_sum": Detail.SUM,
}


def detail_of(text: str) -> Detail:
    """What one thing a message asks about."""
    if len(text) > _MOST_CHARS:
        return Detail.NONE
    if PHRASES.state_asked(text):
        return Detail.BY_STATE
    return next((detail for kind, detail in _PHRASES.items() if PHRASES.has(kind, text)), Detail.NONE)
