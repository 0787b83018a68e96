"""What another account had becomes this member's: the other side of `loyalty/merging.py`, an event of the survivor.

Orders and lots come with their own numbers, so that whatever comes back later finds what it had brought. Points come
in whole and what of them was used before goes out at once, so that each lot knows how much of it it still answers for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from loyalty import benefits, consents, partaking, points, standings, steps, traits
from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.carried import Said, read
from loyalty.days import member_day
from loyalty.events import MemberAbsorbed
from loyalty.merging import MERGED, chunks
from loyalty.points import Why
from loyalty.standings import Promise
from loyalty.turn import Turn
from models.benefits import Code, Entitlement
from models.codec import canonical, figures, parse
from models.days import MemberDay
from models.limits import CounterMove, Limit, LimitMove
from models.members import Member, Traits
from models.orders import Order, OrderLine, OrderRef, Return
from models.points import Lot, Transfer, Wallet
from models.table import changed
from models.tiers import Standing
from rules.tiers import Ladder


def absorb(turn: Turn, one: Arrived, arrival: MemberAbsorbed) -> None:
    """Take over all of it; then look whether both together reach more."""
    carried: Said = dict(arrival.carried)
    rows: Mapping[str, Sequence[Said]] = carried["rows"]
    _member(turn, carried["member"])
    _orders(turn, rows)
    _days(turn, rows["MemberDay"])
    _limits(turn, carried)
    paid = _points(turn, rows, carried["burnt"])
    _entitlements(turn, rows["Entitlement"], paid)
    partaking.take_over(turn, rows, paid)
    for number in carried["codes"]:
        _code(turn, number)
    if carried["traits"]:
        _traits(turn, carried["traits"])
    for said in rows["Standing"]:
        _standing(turn, read(Standing, said, **_mine(turn)))
    turn.notes["absorbed"] = {"orders": len(rows["Order"]), "entitlements": len(rows["Entitlement"])}
    steps.follow(turn)
    steps.climb(turn)


def _mine(turn: Turn) -> dict[str, Any]:
    return {"programme_id": turn.book.programme_id, "member_id": turn.member_id}


def _member(turn: Turn, said: Said) -> None:
    own = turn.member
    other: Member = read(Member, said, programme_id=own.programme_id)
    turn.book.put(
        replace(
            own,
            joined_at=min(own.joined_at, other.joined_at),
            orders=own.orders + other.orders,
            profile_complete=own.profile_complete or other.profile_complete,
        )
    )


def _orders(turn: Turn, rows: Mapping[str, Sequence[Said]]) -> None:
    """Orders under their own numbers. Their references stay the old account's, and lead here by way of it."""
    mine = _mine(turn)
    for said in rows["Order"]:
        order: Order = turn.book.put(read(Order, said, **mine | {"event_id": turn.event_id}))
        if turn.book.get(OrderRef, NOBODY, (order.shop, order.number, "order", "")) is None:
            taken = (turn.member_id, order.id, turn.event_id, "")
            turn.book.load([OrderRef(order.programme_id, order.shop, order.number, "order", "", "paid", *taken)])
    for said in rows["OrderLine"]:
        turn.book.put(read(OrderLine, said, **mine))
    for said in rows["Return"]:
        turn.book.put(read(Return, said, **mine | {"event_id": turn.event_id}))


def _days(turn: Turn, rows: Sequence[Said]) -> None:
    for said in rows:
        other: MemberDay = read(MemberDay, said, **_mine(turn))
        own = member_day(turn, other.day)
        turn.book.put(
            changed(
                own,
                orders=own.orders + other.orders,
                spend=own.spend + other.spend,
                points=own.points + other.points,
                earned=canonical(_summed(figures(own.earned), figures(other.earned))),
                events=canonical(_summed(figures(own.events), figures(other.events))),
            )
        )
    bought = [row for row in turn.book.of(MemberDay, turn.member_id) if row.orders > 0]
    first = min((row.id for row in bought), default=None)
    for row in list(turn.book.of(MemberDay, turn.member_id)):
        if row.first_order is not (row.id == first):
            turn.book.put(changed(row, first_order=row.id == first))


def _summed(own: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: own.get(name, 0) + other.get(name, 0) for name in own.keys() | other.keys()}


def _limits(turn: Turn, carried: Said) -> None:
    here = _mine(turn) | {"event_id": turn.event_id, "position": turn.position}
    for said in carried["limits"]:
        other: Limit = read(Limit, said, **_mine(turn))
        own = turn.book.get(Limit, turn.member_id, (other.policy, other.name, other.period)) or changed(other, used=0)
        turn.book.put(changed(own, used=own.used + other.used))
        moves: list[LimitMove] = [read(LimitMove, one, **here | {"limit_id": own.id}) for one in said["moves"]]
        for move in moves:
            turn.book.put(move)
        if rest := other.used - sum(move.amount for move in moves):
            number = turn.book.new_id(LimitMove)
            turn.book.put(LimitMove(id=number, limit_id=own.id, amount=rest, order_id=None, **here))
    for said in carried["taken"]:
        turn.book.put(read(CounterMove, said, **here))


# Points.


def _points(turn: Turn, rows: Mapping[str, Sequence[Said]], burnt: Sequence[Said]) -> dict[int, int]:
    """Lots with what they still answer for, what was spent on orders, and debts; old entries by their new number."""
    kept: dict[int, Lot] = {}
    partners = {int(said["id"]): str(said["partner"]) for said in rows["Lot"] if "partner" in said}
    for said in rows["Lot"]:
        lot: Lot = read(Lot, said, **_mine(turn))
        kept[lot.id] = lot
    for wallet in sorted({lot.wallet for lot in kept.values()}):
        for account, matured in (("available", True), ("pending", False)):
            own = [lot for lot in kept.values() if lot.wallet == wallet and lot.matured is matured]
            for partner in sorted({partners.get(lot.id, "") for lot in own}):
                of_it = [lot for lot in own if partners.get(lot.id, "") == partner]
                for some in chunks(of_it, "amount"):
                    _in(turn, wallet, account, some, partner or None)
    paid = {int(said["id"]): _burn(turn, said).id for said in burnt}
    for wallet in sorted({lot.wallet for lot in kept.values()}):
        for account, matured in (("available", True), ("pending", False)):
            own = [lot for lot in kept.values() if lot.wallet == wallet and lot.matured is matured]
            for some in chunks(own, "amount"):
                _used_before(turn, wallet, account, some)
    for said in rows["Wallet"]:
        _wallet(turn, read(Wallet, said, **_mine(turn)))
    return paid


def _in(turn: Turn, wallet: str, account: str, lots: Sequence[Lot], partner: str | None) -> None:
    why = Why(MERGED, partner=partner)
    entry = points.transfer(turn, wallet, "transit", account, sum(lot.amount for lot in lots), why)
    for lot in lots:
        turn.book.put(changed(lot, transfer_id=entry.id, remaining=lot.amount, spent=0, expired=0, held=0))


def _burn(turn: Turn, said: Said) -> Transfer:
    """What was spent on an order was spent by this member: a return gives it back here."""
    old: Transfer = read(Transfer, said, **_mine(turn))
    why = Why(old.reason, policy=old.policy, burnt_on=old.burnt_on, partner=old.partner, note=points.payer(old))
    debit = "transit" if why.note else "available"  # What a family pool has paid is not taken from this member.
    entry = points.transfer(turn, old.wallet, debit, "redeemed", said["left"], why)
    for number, part in said["parts"]:
        lot = turn.book.need(Lot, turn.member_id, number)
        used = changed(lot, remaining=lot.remaining - part, spent=lot.spent + part)
        points.move(turn, entry, turn.book.put(used), remaining=-part)
    return entry


def _used_before(turn: Turn, wallet: str, account: str, lots: Sequence[Lot]) -> None:
    """What the other account had used or lost of these lots goes out again."""
    gone = [(turn.book.need(Lot, turn.member_id, lot.id), lot) for lot in lots]
    total = sum(now.remaining - then.remaining for now, then in gone)
    if not total:
        return
    entry = points.transfer(turn, wallet, account, "transit", total, Why(MERGED))
    for now, then in gone:
        left = changed(then, transfer_id=now.transfer_id, held=0)
        left = changed(left, expired=left.amount - left.remaining - left.spent)
        if part := now.remaining - then.remaining:
            points.move(turn, entry, turn.book.put(left), remaining=-part)


def _wallet(turn: Turn, other: Wallet) -> None:
    """Debts, what keeps points alive, and a freeze: the stricter counts."""
    if other.owed:
        points.transfer(turn, other.wallet, "owed", "transit", other.owed, Why(MERGED))
    own = points.wallet_of(turn, other.wallet)
    done = [at for at in (own.active_at, other.active_at) if at is not None]
    frozen = own if own.frozen_at is not None else other
    freeze = {"frozen_at": frozen.frozen_at, "frozen_for": frozen.frozen_for}
    turn.book.put(changed(own, active_at=max(done, default=None), **freeze))
    if other.available or other.owed:
        points.became_available(turn, other.wallet)


# What else there is.


def _entitlements(turn: Turn, rows: Sequence[Said], paid: Mapping[int, int]) -> None:
    for said in rows:
        row: Entitlement = read(Entitlement, said, **_mine(turn) | {"event_id": turn.event_id})
        transfer_id = paid.get(row.transfer_id, row.transfer_id) if row.transfer_id is not None else None
        row = turn.book.put(changed(row, transfer_id=transfer_id))
        benefits.moved(turn, row, None, MERGED)


def _code(turn: Turn, number: int) -> None:
    """A code leads here by now: the other account's event has seen to that, and replay has only this one's."""
    hashed = turn.book.keys.code_hash(turn.book.keys.code_of(number))
    if turn.book.get(Code, NOBODY, hashed) is None:
        turn.book.load([Code(turn.book.programme_id, hashed, turn.member_id, number)])


def _traits(turn: Turn, said: Said) -> None:
    """Tags and segments of both; of attributes this member's own first; of consents a refusal before all."""
    other: Traits = read(Traits, said, **_mine(turn))
    for what in traits.LISTS:
        for name in parse(getattr(other, what)):
            traits.put(turn, what, name, True)
    known = traits.read(turn, "attributes")
    for name, value in sorted(parse(other.attributes).items()):
        if name not in known:
            traits.put(turn, "attributes", name, value)
    both = consents.stricter(traits.read(turn, consents.WHAT), parse(other.consents))
    for name, yes in sorted(both.items()):
        traits.put(turn, consents.WHAT, name, yes)


def _standing(turn: Turn, other: Standing) -> None:
    """The higher level counts, with the end it had; of two alike the later end. It is no news: its gifts came along."""
    ladder: Ladder | None = turn.ruleset.ladders.get(other.ladder)
    rank = ladder.rank(other.tier) if ladder else None
    if ladder is None or rank is None:
        return
    own = standings.find(turn, other.ladder, ladder)
    if rank > own.rank:
        standings.move(turn, other.ladder, ladder, rank, MERGED)
        own = standings.promised(standings.find(turn, other.ladder, ladder), "ends", [])
    elif rank < own.rank:
        return
    for kind, column in standings.COLUMN.items():
        theirs, mine = getattr(other, column), getattr(own, column)
        if theirs is not None and (mine is None or theirs > mine):
            own = standings.promised(own, kind, [*standings.promises(own, kind), Promise(theirs)])
    standings.put(turn, own)
