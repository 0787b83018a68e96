"""Figures by day: a member's own, on the day the purchase was made, and what the batch changed in the programme's."""

from datetime import date

from loyalty.book import NOBODY, NeedsMore
from loyalty.turn import Turn
from models.codec import canonical, figures
from models.days import DayDelta, MemberDay
from models.table import changed
from models.tiers import Standing

EMPTY = canonical({})


def earned(turn: Turn, day: date, wallet: str, points: int) -> None:
    """Count points earned (or, negative, returned) on a day."""
    row = member_day(turn, day)
    by_wallet = figures(row.earned)
    by_wallet[wallet] = by_wallet.get(wallet, 0) + points
    main = points if wallet == turn.programme.main_wallet else 0
    turn.book.put(changed(row, points=row.points + main, earned=canonical(by_wallet)))
    figure(turn, day, earned=main)


def bought(turn: Turn, day: date, *, orders: int, spend: int, first: bool | None = None) -> None:
    """Count purchases and what they are worth, net; negative for what came back."""
    row = member_day(turn, day)
    row = changed(row, orders=row.orders + orders, spend=row.spend + spend)
    turn.book.put(row if first is None else changed(row, first_order=first))


def first_gone(turn: Turn, day: date) -> None:
    """Where the member's first purchase has come back, the next one that stands is the first."""
    row = member_day(turn, day)
    if row.orders or not row.first_order:
        return
    turn.book.put(changed(row, first_order=False))
    later = (own for own in turn.book.of(MemberDay, turn.member_id) if own.id > row.id and own.orders > 0)
    if (follows := next(later, None)) is not None:
        turn.book.put(changed(follows, first_order=True))


def happened(turn: Turn, day: date, kind: str) -> None:
    """Count one event of a kind."""
    row = member_day(turn, day)
    by_kind = figures(row.events)
    by_kind[kind] = by_kind.get(kind, 0) + 1
    turn.book.put(changed(row, events=canonical(by_kind)))


def member_day(turn: Turn, day: date) -> MemberDay:
    """The member's row of a day, new if there is none yet."""
    must_be_loaded(turn, day)
    found = turn.book.get(MemberDay, turn.member_id, day.toordinal())
    return found or MemberDay(
        programme_id=turn.book.programme_id,
        member_id=turn.member_id,
        id=day.toordinal(),
        day=day,
        orders=0,
        spend=0,
        points=0,
        first_order=False,
        earned=EMPTY,
        events=EMPTY,
    )


def must_be_loaded(turn: Turn, day: date) -> None:
    """Days are loaded as far back as the events of the batch look; what falls due may look further."""
    if day.toordinal() < turn.book.first_day:
        raise NeedsMore("day", day.toordinal())


def figure(turn: Turn, day: date, **changes: int) -> None:
    """Add to what this batch changes in the programme's figures of a day; its id is drawn when it is written."""
    if not any(changes.values()):
        return
    key = (day, turn.channel, _tier(turn))
    row = turn.book.get(DayDelta, NOBODY, key) or DayDelta(turn.book.programme_id, 0, *key, 0, 0, 0, 0, 0, 0, 0)
    turn.book.put(changed(row, **{name: getattr(row, name) + change for name, change in changes.items()}))


def _tier(turn: Turn) -> str:
    standing = turn.book.get(Standing, turn.member_id, turn.programme.ladder or "")
    return standing.tier if standing else ""
