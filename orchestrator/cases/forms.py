"""The case of a form: what it needs is looked up, its next step is decided by the runner, and what it asks is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import msgspec

from orchestrator.cases.afterwards import Afterwards, afterwards, withdrawn
from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.form_asking import FormAsking
from orchestrator.cases.form_calls import Called, FormCalls
from orchestrator.cases.form_endings import FormEndings
from orchestrator.cases.form_words import LEAVE, FormWords
from orchestrator.cases.form_worlds import FormWorlds
from orchestrator.cases.remembering import label_of
from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.addresses import complete
from orchestrator.dialogue.consent import consent
from orchestrator.dialogue.fitting import fitting_orders, refusal, same_fault, why_not
from orchestrator.dialogue.forms import Form, Forms, text_name
from orchestrator.dialogue.phrases import PHRASES, any_of
from orchestrator.dialogue.reads import mentions_order
from orchestrator.dialogue.runner import Kind, Step, advance, ask_again, begin
from orchestrator.dialogue.said import Said, said_of
from orchestrator.dialogue.state import DialogueState, FormPosition, Queued
from orchestrator.dialogue.wishes import Wish, WishReader
from orchestrator.dialogue.world import World
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolContext
from orchestrator.understanding.utterance import Utterance

# The reason of a refund that is agreed to after a parcel was told to be lost.
_LOST = {"en": "the parcel is lost", "zh": "快递丢了"}
_MOST_QUEUED = 3
_BARE_THING = {"en": 24, "zh": 10}  # characters of an answer that is little more than a thing
_NEW_ADDRESS = {"en": "the new address: ", "zh": "新地址是："}
_BRIEF = 80  # characters of a wish that may mean what was named before


class FormCase:
    """Carries a conversation through forms.

    Args:
        belt: Where the tools are.
        forms: All forms.
        words: What they say.
        today: The day in the shop's time.
    """

    def __init__(self, belt: ToolBelt, forms: Forms, words: FormWords, today: Callable[[], date]) -> None:
        self._belt, self._forms, self._words = belt, forms, words
        self._wishes = WishReader(forms)
        self._worlds, self._calls = FormWorlds(belt, forms, today), FormCalls(belt, words)
        self._asking, self._endings = FormAsking(words), FormEndings(belt, forms, words)

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; `aside` when the message is about something else while a form is open.

        Raises:
            ServiceError: The orders could not be looked up; nothing was done.
        """
        wishes = self._wishes.of(utterance)
        if state.form is not None and state.form.name in self._forms:
            return await self._go_on(utterance, context, state, wishes.forms)
        if regretted := withdrawn(utterance, state, self._forms):
            return self._endings.left(frozenset((regretted,)), state)
        if (left := self._resumed(utterance, state)) is not None:
            wish = Wish(left.name, wishes.forms[0].text if wishes.forms else "")
            return await self._start(wish, wishes.forms[1:], utterance, context, state, known=left.filled)
        outright = any(wish.outright for wish in wishes.forms)
        if not outright and afterwards(utterance, state, self._forms) is Afterwards.PASSED_ON:
            return await self._afterwards(utterance, context, state)
        if wishes.forms:
            if wishes.forms[0].form == state.offered and state.last_case == "parcel":
                told = replace(wishes.forms[0], text=f"{wishes.forms[0].text} {_LOST[utterance.language]}")
                return await self._start(told, wishes.forms[1:], utterance, context, state)
            return await self._start(wishes.forms[0], wishes.forms[1:], utterance, context, state)
        if self.agrees(utterance, state):
            text = _LOST[utterance.language] if state.last_case == "parcel" else ""
            # what was told before the offer need not be told again
            text = self._answers_offer(utterance, state) or text or state.before
            return await self._start(Wish(state.offered, text), (), utterance, context, state)
        return await self._afterwards(utterance, context, state)

    async def _afterwards(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """After a form was carried out or refused, or when one is not wanted."""
        if declined := self._wishes.declined(utterance, alone=True):
            revoked = PHRASES.has("revokes", utterance.text)
            return self._endings.left(declined, state, revoked=revoked)
        match afterwards(utterance, state, self._forms):
            case Afterwards.UNDO if state.done is not None:
                return Told((Part(text_name(state.done.name, "final"), {}),), self._forms[state.done.name].article)
            case Afterwards.STANDS:
                return self._endings.stands(state, context.language)
            case Afterwards.PASSED_ON if state.done is not None:
                return self._endings.stands(state, context.language, text_name(state.done.name, "result/already"))
            case Afterwards.COUPON if state.done is not None:  # asked for once more it is the same one
                form, world = self._forms[state.done.name], await self._worlds.of(context, state)
                told = await self._told(form, Step(Kind.CALL, state.done), said_of(utterance), world, context, state)
                use = (Part("coupon_use", {}),) if detail_of(utterance.text) is Detail.COUPON_USE else ()
                return replace(told, parts=(*told.parts, *use))
            case Afterwards.DEADLINE if state.done is not None:
                return await self._endings.deadline(state.done, context)
            case Afterwards.NEXT:
                return await self._start(Wish(state.refused, utterance.text), (), utterance, context, state)
            case Afterwards.ANOTHER if state.done is not None:
                known = self._same_thing(utterance.text, state.done)
                return await self._start(
                    Wish(state.done.name, utterance.text), (), utterance, context, state, known=known
                )
            case Afterwards.LEFT:
                after = msgspec.structs.replace(state, offered="", refused="")
                return Told((Part("form_left", {}),), after=after, exact=True)
            case Afterwards.CORRECTION if state.done is not None:
                form, world = self._forms[state.done.name], await self._worlds.of(context, state)
                said, asked = (
                    said_of(utterance),
                    FormPosition(state.done.name, filled=state.done.filled, confirming=True),
                )
                step = advance(form, asked, said, world)
                if step.kind is Kind.CONFIRM and step.position.filled != asked.filled:
                    return await self._told(form, step, said, world, context, state)
        return None

    def agrees(self, utterance: Utterance, state: DialogueState) -> bool:
        """Whether a message takes what was offered: by a yes, or by pressing for something to be done."""
        if state.offered not in self._forms:
            return False
        if self._answers_offer(utterance, state):
            return True
        return bool(consent(utterance)) or PHRASES.has("asks_for_help", utterance.text)

    def _answers_offer(self, utterance: Utterance, state: DialogueState) -> str:
        """The words for a form that was offered, when a message only says with what: a thing, an address."""
        text, types = utterance.text.strip(), {slot.type for slot in self._forms[state.offered].slots}
        if utterance.sticker is not None or utterance.picture is not None or PHRASES.has("asks", text):
            return ""
        if "address" in types and complete(text):
            return f"{_NEW_ADDRESS[utterance.language]}{text}"
        named = "item" in types and self._forms.names_product(text) and len(text) <= _BARE_THING[utterance.language]
        return text if named and consent(utterance) is None else ""

    def follows(self, utterance: Utterance, state: DialogueState) -> bool:
        """Whether a message may go on from a form that is over, or says that one is not wanted."""
        if withdrawn(utterance, state, self._forms) or self._resumed(utterance, state) is not None:
            return True
        return afterwards(utterance, state, self._forms) is not None or bool(
            self._wishes.declined(utterance, alone=True)
        )

    def _resumed(self, utterance: Utterance, state: DialogueState) -> FormPosition | None:
        """The form that was given up and is wanted after all, by words that name no other thing; None for none."""
        left, text = state.left, utterance.text
        if state.form is not None or left is None or left.name not in self._forms or len(text) > _BRIEF:
            return None
        wished = [one.form for one in self._wishes.of(utterance).forms]
        again = wished[:1] == [left.name] if wished else PHRASES.has("resumes", text)
        names_other = self._forms.names_product(text) or mentions_order(said_of(utterance))
        return left if again and not names_other else None

    def besides(self, utterance: Utterance) -> str:
        """A question that stands in the message besides what the forms are for; empty for none."""
        return self._wishes.of(utterance).besides

    def more_besides(self, utterance: Utterance) -> tuple[str, ...]:
        """Further questions of that kind."""
        return self._wishes.of(utterance).more

    def wanted(self, utterance: Utterance) -> bool:
        """Whether a message asks for a form."""
        return bool(self._wishes.of(utterance).forms)

    def wants_only(self, utterance: Utterance, form: str) -> bool:
        """Whether a message asks for one form and no other."""
        return {wish.form for wish in self._wishes.of(utterance).forms} == {form}

    def questions(self, utterance: Utterance) -> tuple[str, ...]:
        """The clauses of a message that ask something."""
        return self._wishes.questions(utterance)

    def besides_unwanted(self, utterance: Utterance) -> str:
        """What a message says besides what it does not want; empty when that is the whole or nothing of it."""
        return self._wishes.besides_unwanted(utterance)

    async def _start(
        self, wish: Wish, others: tuple[Wish, ...], utterance: Utterance, context: ToolContext, state: DialogueState,
        *, known: Mapping[str, str] | None = None,
    ) -> Told | None:  # fmt: skip
        form = self._forms[wish.form]
        if form.tool not in self._belt.names:
            return None
        world = await self._worlds.of(context, state)
        text = self._with_before(form, wish.text, state)
        said = said_of(utterance, text) if text else Said("", utterance.language)
        queued = tuple(Queued(FormPosition(one.form), one.text) for one in others)[:_MOST_QUEUED]
        queue = (*queued, *state.queue)[:_MOST_QUEUED]
        state = msgspec.structs.replace(state, form=None, left=None, queue=queue, offered="")
        told = await self._told(form, _begun(form, said, world, state, known or {}), said, world, context, state)
        noted = tuple(Part("form_noted", {"title": self._forms[one.form].title[context.language]}) for one in others)
        regret = (Part("form_regret", {}),) if told.after and _at_fault(form, told.after.form) else ()
        return replace(told, parts=(*regret, *noted[:1], *told.parts))

    def _same_thing(self, text: str, position: FormPosition) -> dict[str, str]:
        """The thing that a form was about, for a wish that names none of its own."""
        if self._forms.names_product(text) or "item" not in position.filled:
            return {}
        return {name: position.filled[name] for name in ("order", "item") if name in position.filled}

    def _with_before(self, form: Form, text: str, state: DialogueState) -> str:
        """The words of a wish behind those of the message before it, when that named the thing and this does not."""
        of_things = any(slot.type == "item" or slot.from_message for slot in form.slots)
        closed = state.last_case == "form" and not state.refused
        if not text or closed or not of_things or len(text) > _BRIEF or self._forms.names_product(text):
            return text
        faults = [any_of([*one.words.en, *one.words.zh]) for s in form.slots for one in s.choices if one.fault]
        told = self._forms.names_product(state.before) or any(fault.search(state.before) for fault in faults)
        told = told or state.offered == form.name
        before = state.before
        if PHRASES.has("ordinarily", text):  # what was wrong is no reason any more
            for fault in faults:
                before = fault.sub(" ", before)
        return f"{before} , {text}" if told and before else text

    async def _go_on(
        self, utterance: Utterance, context: ToolContext, state: DialogueState, wishes: tuple[Wish, ...]
    ) -> Told | None:
        assert state.form is not None
        form = self._forms[state.form.name]
        world, said = await self._worlds.of(context, state), said_of(utterance)
        world = await self._worlds.with_variants(form, state.form, world, context)
        step = self._stepped(form, state.form, said, self._wishes.declined(utterance), world)
        if step.kind is Kind.CONFIRM and step.problem == "" and not world.variants:
            world = await self._worlds.with_variants(form, step.position, world, context)
        if step.kind in (Kind.GIVEN_UP, Kind.NOT_AGREED) and any(
            one.form == form.name and one.outright for one in wishes
        ):
            step = ask_again(form, state.form, world)  # "no new one, just the money" wants just this
        others = tuple(wish for wish in wishes if wish.form != form.name and wish.outright)
        another_deed = any_of([*form.differs.en, *form.differs.zh]).search(said.text) is not None
        if another_deed and not others and step.kind is Kind.CONFIRM and step.problem == "not_caught":
            unsure = msgspec.structs.replace(step.position, confirming=False, asked="")
            step = Step(Kind.NOT_AGREED, unsure)  # it wants something else: nothing may wait for a yes
        instead = step.kind in (Kind.GIVEN_UP, Kind.NOT_AGREED) or said.consent is False
        if others and instead:  # not besides
            return await self._start(others[0], others[1:], utterance, context, state)
        told = bool(state.form.asked) and form.slot(state.form.asked).from_message and step.kind is Kind.CONFIRM
        if others and not told and (step.kind is Kind.ASIDE or step.problem == "not_caught" or others[0].in_addition):
            return await self._other_wish(form, step, others, utterance, world, context, state)
        if step.kind is Kind.CONFIRM and step.problem == "not_caught" and any(one.form == form.name for one in wishes):
            step = ask_again(form, state.form, world)  # the same wish once more: it stands to be confirmed
        if step.kind is Kind.ASIDE and wishes:
            step = ask_again(form, state.form, world)
        return await self._told(form, step, said, world, context, state)

    def _stepped(self, form: Form, position: FormPosition, said: Said, declined: frozenset[str], world: World) -> Step:
        """The next step. That something is not wanted stops the form for that, and no other."""
        if form.name in declined:
            return Step(Kind.GIVEN_UP, position)
        if declined and said.gives_up:
            said = replace(said, gives_up=False, consent=None)
        return advance(form, position, said, world)

    async def _other_wish(
        self, form: Form, step: Step, others: tuple[Wish, ...], utterance: Utterance, world: World,
        context: ToolContext, state: DialogueState,
    ) -> Told | None:  # fmt: skip
        """Another form is asked for: noted when it is meant in addition, taken up at once when it is not."""
        if others[0].in_addition:
            queued = tuple(Queued(FormPosition(one.form), one.text) for one in others)
            state = msgspec.structs.replace(state, queue=(*state.queue, *queued)[:_MOST_QUEUED])
            if step.kind is Kind.ASIDE or step.problem == "not_caught":
                step = ask_again(form, msgspec.structs.replace(step.position, misses=0), world)
            noted = Part("form_noted", {"title": self._forms[others[0].form].title[context.language]})
            told = await self._told(form, step, Said("", context.language), world, context, state)
            return replace(told, parts=(noted, *told.parts))
        assert state.form is not None
        parked = Queued(msgspec.structs.replace(state.form, misses=0))
        fault = same_fault(form, self._forms[others[0].form], state.form.filled)
        known = self._same_thing(others[0].text, state.form) | fault
        known |= {name: state.form.filled[name] for name in ("quantity",) if known and name in state.form.filled}
        if "item" in known and any(slot.type == "item" for slot in self._forms[others[0].form].slots):  # instead
            state = msgspec.structs.replace(state, form=None)
            return await self._start(others[0], others[1:], utterance, context, state, known=known)
        state = msgspec.structs.replace(state, form=None, queue=(parked, *state.queue)[:_MOST_QUEUED])
        return await self._start(others[0], others[1:], utterance, context, state)

    async def _told(
        self, form: Form, step: Step, said: Said, world: World, context: ToolContext, state: DialogueState
    ) -> Told:
        if step.more:
            return await self._one_by_one(form, step, said, world, context, state)
        match step.kind:
            case Kind.ASK | Kind.CONFIRM:
                step, world = await self._worlds.settled(form, step, said, world, context)
                if step.kind is Kind.REFUSED:
                    return await self._over(form, step, world, context, state)
                return self._asking.ask(form, step, said, world, state)
            case Kind.CALL:
                return await self._call(form, step, said, world, context, state)
            case Kind.INSTEAD:
                other = self._forms[step.instead]
                again = begin(other, said, world, step.position.filled)
                return await self._told(other, again, said, world, context, state)
            case Kind.ASIDE:
                return self._asking.aside(form, step.position, world, state)
            case Kind.NOT_AGREED:
                after = msgspec.structs.replace(state, form=step.position)
                prompt, leave = self._words.so_far(form, step.position, world), (LEAVE[world.language],)
                return Told((Part("form_not_agreed", {}),), quick_replies=leave, form=prompt, after=after, exact=True)
            case Kind.STUCK:
                return Told((Part("form_stuck", {}),), after=msgspec.structs.replace(state, form=None), exact=True)
        return await self._over(form, step, world, context, state)

    async def _one_by_one(
        self, form: Form, step: Step, said: Said, world: World, context: ToolContext, state: DialogueState
    ) -> Told:
        """Several things of which the same is wanted: this one now, the others right after it."""
        waiting = tuple(Queued(FormPosition(form.name, filled=dict(one))) for one in step.more)
        things = [_thing_of(one) for one in waiting]
        known = tuple(one for one in state.queue if _thing_of(one) not in things)
        state = msgspec.structs.replace(state, queue=(*waiting, *known)[:_MOST_QUEUED])
        told = await self._told(form, replace(step, more=()), said, world, context, state)
        return replace(
            told, parts=(Part("form_more", {"things": self._words.things(form, step.more, world)}), *told.parts)
        )

    async def _call(
        self, form: Form, step: Step, said: Said, world: World, context: ToolContext, state: DialogueState
    ) -> Told:
        called = await self._calls.run(form, step.position, world, context)
        if called.again is not None:  # it stays open: to be tried again, or with another value
            if called.again.confirming:
                prompt = self._words.prompt(form, called.again, world)
                after = msgspec.structs.replace(state, form=called.again)
                return Told(called.parts, form=prompt, after=after, exact=True)
            asked = self._words.question(form, called.again, world)
            after = msgspec.structs.replace(
                state, form=called.again, shown=self._words.shown(form, called.again, world) or state.shown
            )
            prompt = self._words.prompt(form, called.again, world)
            return Told((*called.parts, *asked), form=prompt, after=after, exact=True)
        state = _remembering(form, step.position, called, state)
        offer = label_of(state.offered, context.language)
        parts = (*called.parts, *([Part("offer_remember", {"label": offer})] if offer else []))
        told = Told(parts, form.article, called.facts, called.cards, exact=True)
        done = step.position if called.done else state.done
        refused = form.name if called.refused else ""
        after = msgspec.structs.replace(
            state, form=None, done=done, refused=refused, approval=called.approval or state.approval,
            ticket=_ticket_of(called),
        )  # fmt: skip
        return await self._with_next(told, world, context, after, step.position)

    async def _over(self, form: Form, step: Step, world: World, context: ToolContext, state: DialogueState) -> Told:
        """It ends without anything being done."""
        part = Part("form_left", {})
        if step.kind in (Kind.NOTHING_FITS, Kind.REFUSED):
            part = Part(step.problem or "form_refused", self._asking.problem_facts(form, step, world))
        told = Told((part,), form.article if step.kind is Kind.REFUSED else "", exact=True)
        queue = state.queue
        if step.kind is Kind.GIVEN_UP:  # what was to be done alike is not wanted either
            queue = tuple(one for one in queue if one.form.name != form.name)
        refused = form.name if step.kind in (Kind.NOTHING_FITS, Kind.REFUSED) else ""
        left = step.position if step.kind is Kind.GIVEN_UP else None
        after = msgspec.structs.replace(state, form=None, left=left, queue=queue, refused=refused)
        return await self._with_next(told, world, context, after)

    async def _with_next(
        self, told: Told, world: World, context: ToolContext, state: DialogueState, done: FormPosition | None = None
    ) -> Told:
        """What waits is taken up; the same form is not asked the same again."""
        if not state.queue:
            return replace(told, after=state)
        waiting, rest = state.queue[0], state.queue[1:]
        form = self._forms[waiting.form.name]
        fresh = await self._worlds.of(context, state)
        said = Said(waiting.text, world.language)
        begun = waiting.form.filled or not waiting.text
        if done is not None and done.name == form.name and waiting.form.filled and not waiting.form.asked:
            step = begin(form, said, fresh, {**_alike(form, done), **waiting.form.filled})
        else:
            step = ask_again(form, waiting.form, fresh) if begun else begin(form, said, fresh)
        after = msgspec.structs.replace(state, queue=rest, form=None)
        follows = await self._told(form, step, said, fresh, context, after)
        alike = done is not None and done.name == form.name
        opening = Part("form_next_alike", {}) if alike else Part("form_next", {"title": form.title[world.language]})
        return replace(
            follows, parts=(*told.parts, opening, *follows.parts), facts=(*told.facts, *follows.facts),
            cards=(*told.cards, *follows.cards), article=told.article, exact=True,
        )  # fmt: skip


def _at_fault(form: Form, position: FormPosition | None) -> bool:
    """Whether what is told is the shop's fault: damage, a wrong thing, a missing one."""
    if position is None or position.name != form.name:
        return False
    return any(
        choice.fault and choice.value == position.filled.get(slot.name)
        for slot in form.slots
        for choice in slot.choices
    )


def _alike(form: Form, done: FormPosition) -> dict[str, str]:
    """What holds for the next thing of which the same is wanted: all but which one and how many."""
    own = ("order", "item", "variant", "number")
    return {
        slot.name: done.filled[slot.name] for slot in form.slots if slot.type not in own and slot.name in done.filled
    }


def _begun(form: Form, said: Said, world: World, state: DialogueState, known: Mapping[str, str]) -> Step:
    """The first step; after a parcel was spoken of, the order is that parcel's unless the message says otherwise."""
    if known and set(known) <= {slot.name for slot in form.slots}:
        return begin(form, said, world, dict(known))
    step = begin(form, said, world)
    where = next((slot.where for slot in form.slots if slot.type == "order"), "")
    own = "reason" in step.position.filled or "item" in step.position.filled or mentions_order(said)
    asks_order = step.kind is Kind.ASK and step.position.asked == "order" and not step.problem
    if (asks_order or (where == "refund" and not own)) and state.last_case == "parcel" and state.shown:
        meant = state.shown[0]
        if any(order.number == meant for order in fitting_orders(form, step.position.filled, world)):
            return begin(form, said, world, {"order": meant})
        if (order := world.order(meant)) is not None and order.status == "shipped":
            rule = "not_lost" if where == "refund" else why_not(where, order)
            return Step(Kind.REFUSED, step.position, refusal(form, rule), {"order": meant})
    return step


def _thing_of(waiting: Queued) -> tuple[str, str, str]:
    """What a form that waits is about."""
    filled = waiting.form.filled
    return waiting.form.name, filled.get("order", ""), filled.get("item", waiting.text)


def _ticket_of(called: Called) -> tuple[str, ...]:
    """The ticket that came of it and until when it is answered; empty for none."""
    told = next((one["facts"] for one in called.facts if "ticket" in one["facts"] and "reply_by" in one["facts"]), None)
    return (str(told["ticket"]), str(told["reply_by"])) if told is not None else ()


def _remembering(form: Form, position: FormPosition, called: Called, state: DialogueState) -> DialogueState:
    """After it was done: something new that could be kept for the next time is offered to be."""
    if not called.done:
        return state
    known = state.profile.facts if state.profile is not None else {}
    for slot in form.slots:
        value = position.filled.get(slot.name, "")
        if slot.remembered and value and known.get(slot.remembered) != value and not state.queue:
            return msgspec.structs.replace(state, offered=f"remember:{slot.remembered}={value}")
    return state
