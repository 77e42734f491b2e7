"""With which orders and things a form can be carried out, and the rule that stands in the way of the others."""

from __future__ import annotations

from orchestrator.dialogue.forms import Form, text_name
from orchestrator.dialogue.mentions import words_for
from orchestrator.dialogue.world import Item, Order, World


def fitting_orders(form: Form, filled: dict[str, str], world: World) -> tuple[Order, ...]:
    """The orders with which a form can be carried out, as far as it is filled."""
    where = next((slot.where for slot in form.slots if slot.type == "order"), "")
    orders = world.fit(where)
    if item := filled.get("item"):
        orders = tuple(order for order in orders if any(one.sku == item for one in order.items))
    return orders


def choosable(form: Form, filled: dict[str, str], world: World) -> tuple[Item, ...]:
    """The items that a form may mean."""
    known = world.order(filled.get("order", ""))
    if known is not None:
        return _still_there(form, known.items)
    unlike: dict[str, Item] = {}
    for item in world.items(fitting_orders(form, {}, world)):
        unlike.setdefault(item.sku, item)
    return _still_there(form, tuple(unlike.values()))


def _still_there(form: Form, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Without what is going back already and what cannot be exchanged, unless there is nothing else."""
    if all(slot.where != "send_back" for slot in form.slots):
        return items
    swapped = any(slot.type == "variant" for slot in form.slots)
    left = tuple(one for one in items if not one.going_back and (one.returnable or not swapped))
    return left or items


def alike_in(order: Order, sku: str, world: World) -> Item | None:
    """The only thing in an order that is the same product as another thing, be it of another look; None for none."""
    other = next((one for one in world.items(world.orders) if one.sku == sku), None)
    if other is None:
        return None
    products = [group for group in world.products if group & words_for(other)]
    found = [one for one in order.items if any(group & words_for(one) for group in products)]
    return found[0] if len(found) == 1 else None


def same_fault(form: Form, other: Form, filled: dict[str, str]) -> dict[str, str]:
    """What is wrong with a thing, as one form knows it, when another form asks for that too."""
    for slot in form.slots:
        choice = slot.choice(filled.get(slot.name, ""))
        alike = next((one for one in other.slots if one.name == slot.name), None)
        if choice is not None and choice.fault and alike is not None and alike.choice(choice.value) is not None:
            return {slot.name: choice.value}
    return {}


def why_not(where: str, order: Order) -> str:
    """The rule by which nothing can be done with an order."""
    if order.status == "cancelled" and where != "invoice":
        return "order_cancelled"
    if where in ("cancel", "change_address"):
        return "already_sent"
    if where == "send_back" and "sent_back" in order.can:
        return "sent_back"
    if where == "refund" and order.status == "shipped" and "coupon" in order.can:
        return "not_lost"  # it is late, and told how long that lasts
    if where in ("send_back", "refund"):
        return "not_delivered" if order.status != "delivered" else "return_window"
    return {"invoice": "not_paid", "coupon": "not_delayed"}.get(where, "not_delivered")


def refusal(form: Form, rule: str) -> str:
    """The text that explains a rule: the form's own, else the one that all share."""
    return text_name(form.name, f"refused/{rule}") if rule in form.refused else f"refused/{rule}"
