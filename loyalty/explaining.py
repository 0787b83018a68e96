"""How one entry came about: the order, the policy and its version, what was read, what was decided, and its lot.

The decision is made again by the same code from what was kept of it: so what is explained is what happened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from locales import text, texts
from loyalty import limits
from loyalty.book import Book
from loyalty.events import Arrival
from loyalty.facts import Facts, Scene, facts, line_facts
from loyalty.house import House
from loyalty.intake import keys_of
from loyalty.log import arrival_of
from loyalty.refusals import Refused
from loyalty.rulebook import Live
from loyalty.turn import Turn
from models.codec import parse
from models.events import Decision, Event
from models.orders import Order
from models.points import Lot, Transfer
from rules import durations, telling
from rules.decide import Verdict, decide
from rules.explain import Story, stories
from rules.facts import Variable
from rules.limits import Usage
from rules.ruleset import Ruleset
from rules.words import money, points, value

FIRED: Final = "fired"


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entry explained: lines for people, the same as data for programs."""

    lines: tuple[str, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What the books hold about an entry."""

    transfer: Transfer
    event: Event
    order: Order | None
    lot: Lot | None
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision made again: what it read, and what came of it."""

    kind: str
    decision: Decision | None  # None: nothing came of it, so nothing was kept.
    ruleset: Ruleset
    facts: Facts
    lines: list[Facts]
    verdict: Verdict
    stories: tuple[Story, ...] = field(default=())

    @property
    def same(self) -> bool:
        """Whether it came out as it was kept."""
        kept = parse(self.decision.outcome) if self.decision else []
        names = ("policy", "fired", "asked", "given", "because")
        again = [
            {name: found for name in names if (found := getattr(outcome, name)) is not None}
            for outcome in self.verdict.outcomes
        ]
        return bool(kept == again)


async def explain(house: House, live: Live, entry: str, lang: str) -> Explanation:
    """Explain an entry, by its opaque id or the number of its transfer. NOT_FOUND if the programme has none such."""
    return await explain_entry(house, live, *_which(house, live, entry), lang)


async def explain_entry(house: House, live: Live, member_id: int | None, transfer_id: int, lang: str) -> Explanation:
    """Explain an entry of a member; whose it is has to be looked for where that is not said."""
    found = await find(house, live, member_id, transfer_id)
    judged = [await judge(house, live, found, decision) for decision in found.decisions]
    judged = [one for one in judged if _is_about(one, found.transfer)] or judged
    ruleset = judged[0].ruleset if judged else live.edition(found.transfer.version).ruleset
    lines = [*_head(found, ruleset, lang), *(line for one in judged for line in _told(one, found.transfer, lang))]
    lines += _lot(found, ruleset, lang)
    return Explanation(tuple(lines), _data(found, judged, lines))


async def find(house: House, live: Live, member_id: int | None, transfer_id: int) -> Found:
    """The entry with what stands around it."""
    sql, args = "SELECT * FROM transfers WHERE programme_id = $1 AND id = $2", [transfer_id]
    if member_id is not None:
        sql, args = f"{sql} AND member_id = $3", [transfer_id, member_id]
    rows = await house.db.read(Transfer, sql, live.programme_id, *args)
    if not rows:
        raise Refused("NOT_FOUND")
    entry = rows[0]
    here = "WHERE programme_id = $1 AND member_id = $2 AND"
    holder = (live.programme_id, entry.member_id)
    (event,) = await house.db.read(Event, f"SELECT * FROM events {here} id = $3", *holder, entry.event_id)
    orders = await house.db.read(Order, f"SELECT * FROM orders {here} id = $3", *holder, entry.order_id or 0)
    lots = await house.db.read(
        Lot, f"SELECT * FROM lots {here} (id = $3 OR transfer_id = $4)", *holder, entry.lot_id or 0, entry.id
    )
    # What matured, expired or was taken back was promised by the decision that made its lot.
    about = lots[0].origin_event if lots else entry.event_id
    if about != entry.event_id:
        promised = await house.db.read(Event, f"SELECT * FROM events {here} id = $3", *holder, about)
        # A lot that another member gave was promised there, and that is not this reader's to see.
        event, about = (promised[0], about) if promised else (event, entry.event_id)
    sql = f"SELECT * FROM decisions {here} event_id = $3 ORDER BY id"
    decisions = await house.db.read(Decision, sql, *holder, about)
    return Found(entry, event, orders[0] if orders else None, lots[0] if lots else None, tuple(decisions))


async def judge(house: House, live: Live, found: Found, decision: Decision) -> Judged:
    """Make a kept decision again, by the version and the pauses of then."""
    then = await house.rulebook.recall(house.db, live.programme_id, decision.revision)
    book = Book(live.programme_id, then, keys_of(house, live.programme_id), found.event.received_at)
    return rejudge(book, then.edition(decision.version).ruleset, decision, _arrival(found.event, decision))


def rejudge(book: Book, ruleset: Ruleset, decision: Decision, arrival: Arrival | None) -> Judged:
    """Decide again, from what was kept of a decision and what the event itself says."""
    read = parse(decision.read)
    variables = ruleset.definitions.catalogue.variables
    book.recalled = {name: typed(variables.get(name), given) for name, given in read["facts"].items()}
    counted = read["counted"]

    def usage(policy: str, limit: str, period: str) -> int:
        return int(counted.get(f"{policy}|{limit}|{period}", 0))

    scene = Scene(_turn(book, decision), decision.kind, arrival)
    return _judged(scene, ruleset, decision, usage)


def judge_now(ruleset: Ruleset, turn: Turn, arrival: Arrival) -> Judged:
    """Decide from the book as it stands: for an event that nothing came of, to see why."""
    return _judged(Scene(turn, arrival.kind, arrival), ruleset, None, partial(limits.used, turn))


def _judged(scene: Scene, ruleset: Ruleset, decision: Decision | None, usage: Usage) -> Judged:
    kind, at, paused = scene.kind, scene.turn.instant, scene.turn.book.live.paused
    known, lines = facts(scene, ruleset.needs(kind).variables), line_facts(scene)
    verdict = decide(ruleset, kind, known, lines, at=at, usage=usage, paused=paused, who=scene.turn.who)
    told = stories(ruleset, kind, known, lines, verdict)
    return Judged(kind, decision, ruleset, known, lines, verdict, told)


def waterfall(judged: Judged, lang: str) -> Iterator[str]:
    """Every policy that listened: what it gave, or why it gave nothing, with the values found."""
    for told in judged.stories:
        effects = [effect for effect in judged.verdict.effects if effect.policy == told.policy]
        for effect in effects:
            said = telling.posting(judged.ruleset, effect, judged.facts, judged.lines, judged.verdict, lang)
            yield f"{text('rule.mark_met', lang)} {said}"
        if not effects:
            first, *rest = telling.story(judged.ruleset, told, lang)
            yield f"{text('rule.mark_unmet', lang)} {first}"
            yield from (f"    {line}" for line in rest)


def typed(variable: Variable | None, given: Any) -> Any:
    """A kept value as the rules read it: JSON knows neither dates nor sets."""
    if variable is None or given is None:
        return given
    if variable.type == "set":
        return tuple(given)
    readers: Mapping[str, Any] = {
        "date": date.fromisoformat,
        "moment": datetime.fromisoformat,
        "time": time.fromisoformat,
        "duration": durations.read,
    }
    if isinstance(given, str) and variable.type in readers:
        return readers[variable.type](given)
    return int(given) if isinstance(given, Decimal) and given == given.to_integral_value() else given


def _which(house: House, live: Live, entry: str) -> tuple[int | None, int]:
    if entry.isascii() and entry.isdigit():
        return None, int(entry)
    programme_id, member_id, number = house.secrets.unseal("entry", entry)
    if programme_id != live.programme_id:
        raise Refused("NOT_FOUND")
    return member_id, number


def _turn(book: Book, decision: Decision) -> Turn:
    return Turn(
        book=book,
        event_id=decision.event_id,
        kind=decision.kind,
        member_id=decision.member_id,
        position=0,
        instant=decision.at,
        at=decision.at,
        late=False,
    )


def _arrival(event: Event, decision: Decision) -> Arrival | None:
    """What arrived, where the decision was about it and not about what followed from it."""
    same = decision.kind in (event.kind, "member.enrol_wanted") or decision.kind == "points.redeem"
    return arrival_of(event) if same else None


def _is_about(judged: Judged, entry: Transfer) -> bool:
    return any(told.policy == entry.policy for told in judged.stories)


def _head(found: Found, ruleset: Ruleset, lang: str) -> Iterator[str]:
    entry, definitions = found.transfer, ruleset.definitions
    amount = points(entry.amount, entry.wallet, definitions, lang)
    accounts = {"debit": text(f"account.{entry.debit}", lang), "credit": text(f"account.{entry.credit}", lang)}
    yield text("explain.entry", lang, amount=amount, reason=_reason(entry, lang), **accounts)
    yield text("explain.when", lang, at=_local(entry.effective_at, ruleset), position=entry.position)
    if found.order is not None:
        order = found.order
        paid = money(order.paid, definitions, lang)
        at = _local(order.occurred_at, ruleset)
        yield text(
            "explain.order", lang, number=order.number, paid=paid, at=at, state=text(f"order.{order.state}", lang)
        )
    policy = ruleset.policies.get(entry.policy or "")
    if policy is not None:
        title = policy.title.say(lang)
        yield text("explain.policy", lang, title=title, path=entry.policy, version=entry.version)


def _reason(entry: Transfer, lang: str) -> str:
    code = f"entry.{entry.reason}"
    return text(code if code in texts(lang) else "entry.other", lang)


def _told(judged: Judged, entry: Transfer, lang: str) -> Iterator[str]:
    definitions = judged.ruleset.definitions
    yield text("explain.read", lang)
    for name in sorted(judged.facts):
        variable = definitions.catalogue.variables[name]
        if judged.facts[name] is not None:
            said = value(variable, judged.facts[name], definitions, lang)
            yield "  " + text("rule.posting", lang, title=variable.label(lang), text=said)
    yield text("explain.outcome", lang)
    for effect in judged.verdict.effects:
        mark = "→" if effect.policy == entry.policy else " "
        yield f"{mark} {telling.posting(judged.ruleset, effect, judged.facts, judged.lines, judged.verdict, lang)}"
    for told in judged.stories:
        rule = judged.ruleset.rules[told.policy]
        if told.policy == entry.policy and told.traced is not None:
            yield text("explain.conditions", lang, title=rule.policy.title.say(lang))
            yield from (f"  {line}" for line in telling.tree(definitions, told.traced, lang))
        elif told.state != FIRED:
            first, *rest = telling.story(judged.ruleset, told, lang)
            yield f"  {first}"
            yield from (f"    {line}" for line in rest)
    if not judged.same:
        yield text("explain.differs", lang)


def _lot(found: Found, ruleset: Ruleset, lang: str) -> Iterator[str]:
    lot = found.lot
    if lot is None:
        return
    parts = {
        name: points(getattr(lot, name), lot.wallet, ruleset.definitions, lang) for name in ("amount", "remaining")
    }
    yield text("explain.lot", lang, **parts)
    if lot.available_at is not None:
        yield text("explain.available", lang, at=_local(lot.available_at, ruleset))
    if lot.expires_at is not None:
        yield text("explain.expires", lang, at=_local(lot.expires_at, ruleset))
    else:
        yield text("explain.never_expires", lang)


def _local(at: datetime, ruleset: Ruleset) -> str:
    zone = ruleset.programme.zone
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} {zone}"


def _data(found: Found, judged: list[Judged], lines: list[str]) -> dict[str, Any]:
    entry = found.transfer
    return {
        "entry": entry.id,
        "member": entry.member_id,
        "wallet": entry.wallet,
        "debit": entry.debit,
        "credit": entry.credit,
        "amount": entry.amount,
        "reason": entry.reason,
        "policy": entry.policy,
        "version": entry.version,
        "effective_at": entry.effective_at.isoformat(),
        "order": found.order and found.order.number,
        "expires_at": found.lot and found.lot.expires_at and found.lot.expires_at.isoformat(),
        "decisions": [
            {
                "kind": one.kind,
                **_kept(one.decision),
                "read": {name: one.facts[name] for name in sorted(one.facts)},
                "recomputed_the_same": one.same,
            }
            for one in judged
        ],
        "words": lines,
    }


def _kept(decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {}
    return {
        "at": decision.at.isoformat(),
        "version": decision.version,
        "revision": decision.revision,
        "engine": decision.engine,
        "outcomes": parse(decision.outcome),
    }
