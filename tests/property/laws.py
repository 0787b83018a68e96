"""What must hold of a book after every event: stated apart from the code that keeps it, over the rows alone."""

import json
from collections import Counter as Tally
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from loyalty.book import Book
from loyalty.turn import Turn
from models.benefits import Entitlement, EntitlementMove
from models.days import MemberDay
from models.limits import Counter, CounterMove, Limit, LimitMove
from models.members import Member
from models.orders import Order, OrderLine, Return
from models.points import Hold, Lot, LotMove, Transfer, Wallet
from models.tiers import Standing, StandingMove
from rules import ends

ACCOUNTS = ("pending", "available", "held")
SPENDING = ("redeemed", "converted", "adjusted", "held")
OPEN = ("issued", "reserved")


def prove(book: Book, member_id: int) -> None:
    """Every law, of one member and of what all share."""
    _wallets_are_their_transfers(book, member_id)
    _wallets_are_their_lots(book, member_id)
    _lots_add_up(book, member_id)
    _nothing_dead_is_spent(book, member_id)
    _what_is_idle_ends_by_what_was_done(book, member_id)
    _nothing_is_overdue(book, member_id)
    _due_is_the_first_instant(book, member_id)
    _orders_add_up(book, member_id)
    _days_add_up(book, member_id)
    _caps_and_counters_are_their_moves(book, member_id)
    _states_are_their_last_moves(book, member_id)
    _standings_fall_due(book, member_id)


def balances(book: Book, member_id: int) -> dict[str, tuple[int, int, int, int]]:
    """All wallets that hold or owe anything: pending, available, held, owed."""
    found = {row.wallet: (row.pending, row.available, row.held, row.owed) for row in book.of(Wallet, member_id)}
    return {wallet: held for wallet, held in found.items() if any(held)}


def _wallets_are_their_transfers(book: Book, member_id: int) -> None:
    sums: Tally[tuple[str, str]] = Tally()
    for entry in book.of(Transfer, member_id):
        assert entry.amount > 0
        assert entry.debit != entry.credit
        sums[entry.wallet, entry.debit] -= entry.amount
        sums[entry.wallet, entry.credit] += entry.amount
    for row in book.of(Wallet, member_id):
        assert [getattr(row, name) for name in ACCOUNTS] == [sums[row.wallet, name] for name in ACCOUNTS]
        assert row.owed == -sums[row.wallet, "owed"]
        assert min(row.pending, row.available, row.held, row.owed) >= 0
    assert sum(sums.values()) == 0


def _wallets_are_their_lots(book: Book, member_id: int) -> None:
    sums: Tally[tuple[str, str]] = Tally()
    for lot in book.of(Lot, member_id):
        sums[lot.wallet, "available" if lot.matured else "pending"] += lot.remaining - lot.held
        sums[lot.wallet, "held"] += lot.held
    held: Tally[str] = Tally()
    for row in book.of(Hold, member_id):
        held[row.wallet] += row.points if row.state == "held" else 0
    for wallet in book.of(Wallet, member_id):
        assert [getattr(wallet, name) for name in ACCOUNTS] == [sums[wallet.wallet, name] for name in ACCOUNTS]
        assert wallet.held == held[wallet.wallet]


def _lots_add_up(book: Book, member_id: int) -> None:
    entries = {row.id: row for row in book.of(Transfer, member_id)}
    moved: Tally[int] = Tally()
    held: Tally[int] = Tally()
    taken: Tally[int] = Tally()  # By returns, from the very lot they are about.
    for move in book.of(LotMove, member_id):
        moved[move.lot_id] += move.remaining
        held[move.lot_id] += move.held
        entry = entries[move.transfer_id]
        if entry.reason == "returned" and entry.lot_id == move.lot_id:
            taken[move.lot_id] -= move.remaining
    for lot in book.of(Lot, member_id):
        assert min(lot.remaining, lot.held, lot.spent, lot.expired, lot.reversed, lot.claimed) >= 0
        assert lot.held <= lot.remaining
        assert lot.amount == lot.remaining + lot.spent + lot.expired + taken[lot.id]
        assert lot.remaining == lot.amount + moved[lot.id]
        assert lot.held == held[lot.id]
        assert taken[lot.id] + lot.claimed <= lot.reversed <= lot.amount
        assert entries[lot.transfer_id].amount == lot.amount


def _nothing_dead_is_spent(book: Book, member_id: int) -> None:
    lots = {row.id: row for row in book.of(Lot, member_id)}
    entries = {row.id: row for row in book.of(Transfer, member_id)}
    for move in book.of(LotMove, member_id):
        entry, ends = entries[move.transfer_id], lots[move.lot_id].expires_at
        # The end of what dies of inactivity moves: what was alive when it was spent may have another end by now.
        if entry.reason in SPENDING and entry.debit == "available" and lots[move.lot_id].idle is None:
            assert ends is None or ends > entry.effective_at


def _what_is_idle_ends_by_what_was_done(book: Book, member_id: int) -> None:
    zone = book.live.at(book.recorded_at).ruleset.zone
    done = {row.wallet: row.active_at for row in book.of(Wallet, member_id)}
    for lot in book.of(Lot, member_id):
        assert (lot.idle is None) is (lot.own_end is None)
        if lot.idle is None or lot.own_end is None or lot.remaining == lot.held:
            continue
        active_at = done[lot.wallet]
        put_off = ends.put_off(lot.idle, active_at, zone) if active_at else lot.own_end
        assert lot.expires_at in {lot.own_end, max(lot.own_end, put_off)}


def _nothing_is_overdue(book: Book, member_id: int) -> None:
    clock = book.need(Member, member_id).clock
    for _, due in _dues(book, member_id):
        assert due > clock
    for row in book.of(Entitlement, member_id):
        assert row.state not in OPEN or row.expires_at is None or row.expires_at > clock


def _due_is_the_first_instant(book: Book, member_id: int) -> None:
    dues = list(_dues(book, member_id))
    for row in book.of(Wallet, member_id):
        assert row.due_at == min((due for wallet, due in dues if wallet == row.wallet), default=None)


def _dues(book: Book, member_id: int) -> Iterator[tuple[str, datetime]]:
    for lot in book.of(Lot, member_id):
        if lot.remaining > lot.held:
            if not lot.matured and lot.available_at is not None:
                yield lot.wallet, lot.available_at
            if lot.expires_at is not None:
                yield lot.wallet, lot.expires_at
    for row in book.of(Hold, member_id):
        if row.state == "held":
            yield row.wallet, row.lapses_at


def _orders_add_up(book: Book, member_id: int) -> None:
    back: Tally[int] = Tally()
    for row in book.of(Return, member_id):
        assert row.amount >= 0
        back[row.order_id] += row.amount
    for line in book.of(OrderLine, member_id):
        assert 0 <= line.returned_quantity <= line.quantity
        assert 0 <= line.returned_amount <= line.amount
    for order in book.of(Order, member_id):
        assert order.returned == back[order.id]
        assert 0 <= order.returned_unlined <= order.returned <= order.net
        assert order.state != "cancelled" or order.returned == order.net
        if order.returned == order.net > 0:
            assert all(lot.reversed == lot.amount for lot in book.of(Lot, member_id) if lot.order_id == order.id)
    standing = [order for order in book.of(Order, member_id) if order.returned < order.net]
    assert book.need(Member, member_id).orders == len(standing)


def _days_add_up(book: Book, member_id: int) -> None:
    turn = Turn(book, 0, "", member_id, 0, book.recorded_at, book.recorded_at, late=False)
    spend: Tally[Any] = Tally()
    earned: Tally[Any] = Tally()
    for order in book.of(Order, member_id):
        spend[order.business_date] += order.net - order.returned
    issued = {row.id for row in book.of(Transfer, member_id) if row.debit == "issued"}
    for lot in book.of(Lot, member_id):
        if lot.transfer_id in issued:
            earned[turn.day(lot.earned_at), lot.wallet] += lot.amount - lot.reversed
    for row in book.of(MemberDay, member_id):
        assert row.spend == spend[row.day]
        assert {wallet: points for wallet, points in json.loads(row.earned).items() if points} == {
            wallet: points for (day, wallet), points in earned.items() if day == row.day and points
        }


def _caps_and_counters_are_their_moves(book: Book, member_id: int) -> None:
    used: Tally[int] = Tally()
    for move in book.of(LimitMove, member_id):
        used[move.limit_id] += move.amount
    for limit in book.of(Limit, member_id):
        assert limit.used == used[limit.id]
        assert limit.used >= 0
    taken: Tally[str] = Tally()
    for moved in book.rows(CounterMove):
        taken[moved.name] += moved.amount
    for counter in book.rows(Counter):
        assert counter.total - counter.left == taken[counter.name]
        assert 0 <= counter.left <= counter.total


def _standings_fall_due(book: Book, member_id: int) -> None:
    clock = book.need(Member, member_id).clock
    for row in book.of(Standing, member_id):
        waiting = [datetime.fromisoformat(at) for _, _, at in json.loads(row.rises or "[]")]
        told = json.loads(row.promises or "{}")
        for kind, last in (("ends", row.ends_at), ("protects", row.protected_at)):
            promised = [datetime.fromisoformat(until) for until, *_ in told.get(kind, [])]
            assert not promised or max(promised) == last
        end = row.ends_at and max(row.ends_at, row.protected_at or row.ends_at)
        dues = [at for at in (*waiting, end, row.review_at) if at is not None]
        assert row.due_at == min(dues, default=None)
        assert row.due_at is None or row.due_at > clock
        assert row.rank > 0 or row.ends_at is None
        assert waiting == sorted(waiting)


def _states_are_their_last_moves(book: Book, member_id: int) -> None:
    steps = {row.id: row for row in book.of(StandingMove, member_id)}
    for standing in book.of(Standing, member_id):
        own = [row for row in steps.values() if row.ladder == standing.ladder]
        last = max(own, key=lambda row: (row.position, row.id))
        assert (last.id, last.tier_to) == (standing.move_id, standing.tier)
    last_state = {row.entitlement_id: row.state_to for row in book.of(EntitlementMove, member_id)}
    for gift in book.of(Entitlement, member_id):
        assert gift.state == last_state[gift.id]
