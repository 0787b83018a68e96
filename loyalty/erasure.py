"""Erasing a person: whatever says who it was is deleted, what it held goes back through the books, and those stay.

Nothing of the ledger is changed: points are written off by transfers like any others, entitlements are revoked by
moves. So the log folds again to the same rows, although nobody can tell any more whose they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from loyalty import audit, benefits, holds, lots, outbox, partaking, points, pools, successors, unclaimed
from loyalty.arrived import Arrived
from loyalty.book import NOBODY
from loyalty.events import MemberAbsorbed, MemberErase
from loyalty.points import Why
from loyalty.turn import Turn
from models.benefits import Code, Entitlement
from models.codec import canonical, parse
from models.events import Event
from models.members import Identity, Member, MemberDate, Personal, TraitMove, Traits
from models.orders import OrderRef
from models.points import Hold, Lot, Wallet
from models.table import changed
from models.tiers import Standing
from rules.ruleset import Ruleset

ERASED: Final = "erased"
FORGOTTEN: Final = (Personal, Traits, TraitMove, MemberDate)  # Of one member, whole.
PARTS: Final = ("payload", "attributes")  # Of a body: what a programme's schemas describe, and may mark as personal.


def erase(turn: Turn, one: Arrived, arrival: MemberErase) -> None:
    """Forget the member. Once is enough: of one that is erased nothing changes."""
    news = turn.member.status != ERASED
    turn.notes["erased"] = news
    if not news:
        return
    pools.depart(turn, None)  # Its part of a family pool stays with the others.
    partaking.give_up(turn)
    _give_up(turn)
    for wallet in list(turn.book.of(Wallet, turn.member_id)):
        _write_off(turn, wallet.wallet)
    for row in list(turn.book.of(Standing, turn.member_id)):
        turn.book.put(_at_rest(row))
    _forget(turn)
    turn.fresh.clear()  # What came free on the way out is gone too: nothing follows from it.
    turn.moved.clear()
    turn.book.put(
        replace(turn.member, status=ERASED, locale="", profile_complete=False, frozen_at=None, frozen_for=None)
    )
    outbox.put(turn, "member.erased", {"handle": turn.who.handle})
    change = audit.Change(arrival.kind, f"member {turn.member_id}", turn.book.recorded_at, note=arrival.note)
    turn.book.put(audit.row(turn.event_id, turn.book.programme_id, one.subject, change))


def _give_up(turn: Turn) -> None:
    """What is held comes free, so that it can be written off; what is open is revoked, its stock back on the shelf."""
    for held in list(turn.book.of(Hold, turn.member_id)):
        if held.state == "held":
            holds.release(turn, held)
    for row in list(turn.book.of(Entitlement, turn.member_id)):
        if row.state in benefits.OPEN:
            benefits.revoke(turn, row, ERASED)


def _write_off(turn: Turn, wallet: str) -> None:
    """Every lot of a wallet ends now, in as few transfers as hold them; a debt is forgiven."""
    lots.must_be_whole(turn, wallet)
    for account, matured in (("available", True), ("pending", False)):
        own = [lot for lot in turn.book.of(Lot, turn.member_id) if lot.wallet == wallet and lot.matured is matured]
        for part in _batches([lot for lot in own if points.free(lot) > 0]):
            entry = points.transfer(turn, wallet, account, "expired", sum(map(points.free, part)), Why(ERASED))
            for lot in part:
                gone = points.free(lot)
                points.move(turn, entry, lot, remaining=-gone)
                turn.book.put(changed(lot, remaining=lot.remaining - gone, expired=lot.expired + gone, resting=False))
    owed = points.wallet_of(turn, wallet).owed
    while owed > 0:
        forgiven = min(owed, points.ENTRY_MAX)
        points.transfer(turn, wallet, "adjusted", "owed", forgiven, Why(ERASED))
        owed -= forgiven


def _batches(found: Sequence[Lot]) -> Iterator[list[Lot]]:
    """Lots, as many at a time as one entry can hold the points of."""
    batch: list[Lot] = []
    for lot in found:
        if batch and sum(map(points.free, batch)) + points.free(lot) > points.ENTRY_MAX:
            yield batch
            batch = []
        batch.append(lot)
    if batch:
        yield batch


def _at_rest(row: Standing) -> Standing:
    """A standing of which nothing falls due any more."""
    return changed(row, ends_at=None, protected_at=None, promises=None, rises=None, review_at=None, due_at=None)


def _forget(turn: Turn) -> None:
    """Delete who it was, how it was found, what was said of it; and take out of the log what is personal there.

    So of every account that goes on in this one: a merge has left its log and its traits where they were.
    """
    members = {turn.member_id} | {row.id for row in turn.book.rows(Member) if row.merged_into is not None}
    members = {one for one in members if successors.of(turn.book, one) == turn.member_id}
    for kind in FORGOTTEN:
        for row in [row for one in sorted(members) for row in turn.book.of(kind, one)]:
            turn.book.remove(row)
    own = [row for row in turn.book.of(Identity, NOBODY) if row.member_id in members]
    codes = (row for row in turn.book.of(Code, NOBODY) if row.member_id in members)
    names = {unclaimed.named(row) for row in own}
    for row in [*own, *codes]:
        turn.book.remove(row)
    for ref in turn.book.of(OrderRef, NOBODY):  # Orders that nobody had stay nobody's, and lead nowhere.
        if ref.named in names:
            turn.book.put(changed(ref, named=None))
    for event in [row for one in sorted(members) for row in turn.book.of(Event, one)]:
        if (body := without_person(turn.ruleset, event)) != event.body:
            turn.book.put(changed(event, body=body))


def without_person(ruleset: Ruleset, event: Event) -> str:
    """An event's body without the fields that a schema of the programme marks as personal."""
    said: dict[str, Any] = parse(event.body)
    for part, names in _personal(ruleset, event.kind, said):
        said[part] = _less(said[part], names)
    own = ruleset.programme.attributes
    if event.kind == MemberAbsorbed.kind and own is not None and (traits := said["carried"]["traits"]):
        traits["attributes"] = canonical(_less(parse(traits["attributes"]), own.schema_.personal))
    return canonical(said)


def _less(values: Mapping[str, object], names: frozenset[str]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in names}


def kinds(rulesets: Iterable[Ruleset]) -> frozenset[str]:
    """The kinds of event whose bodies may say something personal."""
    found = set()
    for ruleset in rulesets:
        own = ruleset.programme
        found |= {key for key, one in own.event_types.items() if one.schema_.personal}
        if own.attributes is not None and own.attributes.schema_.personal:
            found |= {"member.changed", MemberAbsorbed.kind}
    return frozenset(found)


def _personal(ruleset: Ruleset, kind: str, said: Mapping[str, object]) -> Iterator[tuple[str, frozenset[str]]]:
    own = ruleset.programme
    if kind in own.event_types and "payload" in said:
        yield "payload", own.event_types[kind].schema_.personal
    if kind == "member.changed" and own.attributes is not None and "attributes" in said:
        yield "attributes", own.attributes.schema_.personal
