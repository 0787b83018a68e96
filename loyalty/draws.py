"""Draws on the book: tickets, and what becomes of each.

The seed of a draw is a keyed function of its key, handed in at the door: the fold draws no lot by itself. What is
published of the seed stands in the receipt of every ticket, so nobody can put another in its place afterwards.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from loyalty import benefits, limits, occasions, outbox, shares
from loyalty.arrived import Arrived
from loyalty.events import ClockDraw, DrawEnter, OrderPaid
from loyalty.facts import order_net
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.draws import Ticket
from models.orders import Order
from models.points import Transfer
from models.table import changed
from rules import lots
from rules.draws import Draw
from rules.exact import units
from rules.occasions import closes_at

NUMBER_DIGITS: Final = 20


def draw_of(turn: Turn, key: str) -> Draw:
    """A draw of the ruleset that decides; a request for another one is refused."""
    return occasions.declared(turn.ruleset.draws, key, "DRAW_UNKNOWN")


def seed_of(turn: Turn, key: str) -> str:
    """The seed of a draw: 64 hexadecimal digits."""
    return turn.book.keys.draw_of(key, "seed", 0)


def own_tickets(turn: Turn, key: str) -> list[Ticket]:
    """The member's tickets that count."""
    return [row for row in turn.book.of(Ticket, turn.member_id) if row.draw == key and row.state != "void"]


def refusal(turn: Turn, key: str, own: Draw) -> Refused | None:
    """Why the member cannot get a ticket now, whatever the way; None where it can."""
    if (why := occasions.refusal(turn, f"draws/{key}", own.entry, own.title)) is not None:
        return why
    if len(own_tickets(turn, key)) >= own.tickets_per_member:
        return Refused("LIMIT_REACHED", benefit=key, most=own.tickets_per_member)
    return None


def ways_in(turn: Turn, key: str, own: Draw) -> Iterator[str]:
    """How the member can come by a ticket now: what costs nothing before what does."""
    had = Counter(row.source for row in own_tickets(turn, key))
    today = Counter(row.source for row in own_tickets(turn, key) if row.day == turn.day(turn.instant))
    if own.tickets.free is not None and had["free"] < own.tickets.free:
        yield "free"
    if own.tickets.per_day is not None and today["per_day"] < own.tickets.per_day:
        yield "per_day"
    if own.tickets.points is not None:
        yield "points"


def enter(turn: Turn, one: Arrived, arrival: DrawEnter) -> None:
    """A ticket, if there is a way to one."""
    key, own = arrival.draw, draw_of(turn, arrival.draw)
    if (why := refusal(turn, key, own)) is not None:
        raise why
    ways = (way for way in ways_in(turn, key, own) if way != "points" or arrival.for_points)
    source = next(ways, None)
    if source is None:
        raise Refused("NO_TICKET_NOW", title=dict(own.title.by_language()))
    entry = occasions.pay(turn, own.tickets.points) if source == "points" else None
    _take_part(turn, key, own, _ticket(turn, key, source, entry))


def of_order(turn: Turn, arrival: OrderPaid) -> None:
    """Tickets that come with an order. A return takes them back as long as nothing is drawn."""
    for key, own in turn.ruleset.draws.items():
        if own.tickets.per_order is None or refusal(turn, key, own) is not None:
            continue
        least = own.tickets.per_order.minimum
        scale = turn.ruleset.definitions.catalogue.currency_scale
        if least is None or order_net(arrival) >= (units(least, scale) or 0):
            row = _ticket(turn, key, "per_order", None)
            _take_part(replace(turn, order_id=None), key, own, row)  # What it wins at once does not go with the order.


def undone(turn: Turn, order: Order) -> None:
    """All of an order came back: its tickets are void, unless their draw is closed."""
    _void(turn, (row for row in turn.book.of(Ticket, turn.member_id) if row.order_id == order.id))


def give_up(turn: Turn) -> None:
    """The member is forgotten: its tickets are void, unless their draw is closed."""
    _void(turn, turn.book.of(Ticket, turn.member_id))


def _void(turn: Turn, tickets: Iterable[Ticket]) -> None:
    for row in list(tickets):
        if row.state == "open" and not _is_closed(turn, row.draw):
            turn.book.put(changed(row, state="void"))


def _is_closed(turn: Turn, key: str) -> bool:
    own = turn.ruleset.draws.get(key)
    return own is None or occasions.now(turn) >= closes_at(own.entry, turn.ruleset.zone)


def drawn(turn: Turn, one: Arrived, arrival: ClockDraw) -> None:
    """The draw is closed: each open ticket has won what the list of lots says, or nothing."""
    won = dict(arrival.won)
    for row in own_tickets(turn, arrival.draw):
        if row.state == "open":
            prize = won.get(row.id)
            # A version published meanwhile may have fewer pieces than the draw had: none is given that is not there.
            left = prize is not None and limits.left(turn, shares.prize(row.draw, prize)) >= 1
            _judge(turn, row, prize if left else None)


def _take_part(turn: Turn, key: str, own: Draw, row: Ticket) -> None:
    occasions.happened(turn, "draw.entered", draw_key=key)
    if own.kind == "instant":
        _judge(turn, row, _fallen_on(turn, own, row))


def _fallen_on(turn: Turn, own: Draw, row: Ticket) -> str | None:
    """The prize a ticket wins at once: what its lot falls on, if a piece is left and the member may still win."""
    odds = [(prize.benefit, prize.odds) for prize in own.prizes if prize.odds is not None]
    prize = lots.at_once(seed_of(turn, row.draw), row.draw, row.number, odds)
    wins = sum(other.state == "won" for other in own_tickets(turn, row.draw))
    if prize is None or wins >= own.wins_per_member or limits.left(turn, shares.prize(row.draw, prize)) < 1:
        return None
    return prize


def _judge(turn: Turn, row: Ticket, prize: str | None) -> None:
    if prize is None:
        turn.note("tickets", {"number": row.number, "draw": row.draw, "state": "lost"})
        turn.book.put(changed(row, state="lost", judged_at=turn.at))
        return
    limits.take(turn, shares.prize(row.draw, prize), 1)
    given = benefits.issue(turn, prize, policy=None)
    won = changed(row, state="won", prize=prize, entitlement_id=given.id, judged_at=turn.at)
    turn.book.put(won)
    turn.note("tickets", {"number": row.number, "draw": row.draw, "state": "won", "prize": prize})
    outbox.put(turn, "draw.won", {"draw": row.draw, "ticket": row.number, "prize": prize})
    occasions.happened(turn, "draw.won", draw_key=row.draw, draw_prize=prize)


def price_of(turn: Turn, own: Draw) -> int:
    """What a ticket costs, in the main wallet's units."""
    return occasions.price_of(turn, own.tickets.points)


def _ticket(turn: Turn, key: str, source: str, entry: Transfer | None) -> Ticket:
    number = turn.book.new_id(Ticket)
    row = turn.book.put(
        Ticket(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=number,
            event_id=turn.event_id,
            draw=key,
            number=turn.book.keys.draw_of(key, "ticket", number)[:NUMBER_DIGITS],
            source=source,
            state="open",
            at=turn.at,
            day=turn.day(turn.instant),
            prize=None,
            entitlement_id=None,
            judged_at=None,
            points=entry.amount if entry else 0,
            transfer_id=entry.id if entry else None,
            order_id=turn.order_id,
        )
    )
    commitment = lots.commitment(seed_of(turn, key))
    turn.note("tickets", {"number": row.number, "draw": key, "state": "open", "commitment": commitment})
    return row


def odds(own: Draw) -> Mapping[str, str]:
    """What is told of each prize's odds: of a draw at its close they hang on how many tickets there are."""
    return {prize.benefit: f"{prize.odds}" for prize in own.prizes if prize.odds is not None}
