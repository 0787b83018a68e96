"""What a member takes part in, when it goes: seats, tickets and votes go along to another account, or are given up.

What is over stays where it is: a draw that is closed can be checked by its list of tickets, and that list is final.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from loyalty import draws, gatherings, occasions, polls
from loyalty.carried import Said, read
from loyalty.turn import Turn
from models.draws import Ticket
from models.gatherings import SignUp
from models.polls import Vote
from models.table import changed
from rules.calendar import from_instant
from rules.occasions import closes_at

Ends = Mapping[str, datetime]


def _gatherings(turn: Turn) -> Ends:
    return {key: from_instant(own.ends, turn.ruleset.zone) for key, own in turn.ruleset.gatherings.items()}


def _draws(turn: Turn) -> Ends:
    return {key: closes_at(own.entry, turn.ruleset.zone) for key, own in turn.ruleset.draws.items()}


def _polls(turn: Turn) -> Ends:
    return {key: closes_at(own.voting, turn.ruleset.zone) for key, own in turn.ruleset.polls.items()}


# Each kind of row with the column that names the document, and until when each of those goes on.
PARTS: Final[Mapping[type[Any], tuple[str, Callable[[Turn], Ends]]]] = {
    SignUp: ("gathering", _gatherings),
    Ticket: ("draw", _draws),
    Vote: ("poll", _polls),
}
DONE: Final = frozenset({"cancelled", "attended", "missed", "lapsed", "void"})  # States of which nothing more comes.


def going_on(turn: Turn, kind: type[Any]) -> Iterator[Any]:
    """The member's rows of one kind of which something may come yet."""
    column, ends_of = PARTS[kind]
    ends, now = ends_of(turn), occasions.now(turn)
    for row in list(turn.book.of(kind, turn.member_id)):
        key = getattr(row, column)
        if key in ends and now < ends[key] and getattr(row, "state", "") not in DONE:
            yield row


def paid_with(turn: Turn) -> frozenset[int]:
    """The entries that paid for seats which can still be given back."""
    return frozenset(row.transfer_id for row in going_on(turn, SignUp) if row.transfer_id is not None)


def leave(turn: Turn) -> None:
    """Take away here what goes along to another account: nobody sits, draws or votes twice."""
    for kind in PARTS:
        for row in going_on(turn, kind):
            turn.book.remove(row)


def take_over(turn: Turn, rows: Mapping[str, Sequence[Said]], paid: Mapping[int, int]) -> None:
    """What the other account took part in, under its own numbers; of two votes in a poll this member's own counts.

    `paid` has the new entry for each old one that paid for a seat.
    """
    mine = {"programme_id": turn.book.programme_id, "member_id": turn.member_id, "event_id": turn.event_id}
    for said in rows.get("SignUp", ()):
        row: SignUp = read(SignUp, said, **mine)
        turn.book.put(changed(row, transfer_id=paid.get(row.transfer_id or 0)))
    for said in rows.get("Ticket", ()):
        turn.book.put(read(Ticket, said, **mine))
    for said in rows.get("Vote", ()):
        vote: Vote = read(Vote, said, **mine)
        if polls.own_vote(turn, vote.poll) is None:
            turn.book.put(vote)


def give_up(turn: Turn) -> None:
    """Somebody is forgotten: seats come free for others, and tickets of draws that are open count no more."""
    for row in list(turn.book.of(SignUp, turn.member_id)):
        if row.state in gatherings.OPEN:
            gatherings.give_up(turn, row)
    draws.give_up(turn)
