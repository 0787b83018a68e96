"""Polls on the book: one vote a member, counted exactly."""

from datetime import datetime

from loyalty import occasions
from loyalty.arrived import Arrived
from loyalty.events import PollVote
from loyalty.refusals import Refused
from loyalty.turn import Turn
from models.codec import canonical, parse
from models.database import Database, Reader
from models.polls import Vote
from models.table import changed
from rules.polls import Poll


def poll_of(turn: Turn, key: str) -> Poll:
    """A poll of the ruleset that decides; a request for another one is refused."""
    return occasions.declared(turn.ruleset.polls, key, "POLL_UNKNOWN")


def own_vote(turn: Turn, key: str) -> Vote | None:
    """What the member has chosen."""
    return next((row for row in turn.book.of(Vote, turn.member_id) if row.poll == key), None)


def refusal(turn: Turn, key: str, own: Poll) -> Refused | None:
    """Why the member cannot vote now; None where it can."""
    if (why := occasions.refusal(turn, f"polls/{key}", own.voting, own.question)) is not None:
        return why
    if own_vote(turn, key) is not None and not own.changeable:
        return Refused("VOTED_ALREADY", title=dict(own.question.by_language()))
    return None


def vote(turn: Turn, one: Arrived, arrival: PollVote) -> None:
    """Count a member's choice, or put another in its place; policies hear of the first."""
    own = poll_of(turn, arrival.poll)
    chosen = sorted(set(arrival.choices))
    for choice in chosen:
        if choice not in own.options:
            raise Refused("OPTION_UNKNOWN", name=choice, allowed=sorted(own.options))
    if not 1 <= len(chosen) <= own.choices:
        raise Refused("TOO_MANY_CHOICES", most=own.choices)
    if (why := refusal(turn, arrival.poll, own)) is not None:
        raise why
    held = own_vote(turn, arrival.poll)
    turn.notes["vote"] = {"poll": arrival.poll, "choices": chosen}
    if held is not None:
        turn.book.put(changed(held, choices=canonical(chosen), changed_at=turn.at))
        return
    turn.book.put(
        Vote(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(Vote),
            event_id=turn.event_id,
            poll=arrival.poll,
            choices=canonical(chosen),
            at=turn.at,
            changed_at=turn.at,
        )
    )
    occasions.happened(turn, "poll.voted", poll_key=arrival.poll)


def shown(own: Poll, *, voted: bool, closes_at: datetime, now: datetime) -> bool:
    """Whether whoever reads may see the counts now."""
    return {
        "always": True,
        "after_vote": voted or now >= closes_at,
        "after_close": now >= closes_at,
        "never": False,
    }[own.results]


async def counts(db: Database | Reader, programme_id: int, key: str) -> tuple[int, dict[str, int]]:
    """How many have voted, and how many chose each option."""
    sql = "SELECT choices, COUNT(*) AS n FROM votes WHERE programme_id = $1 AND poll = $2 GROUP BY choices"
    found: dict[str, int] = {}
    voters = 0
    for row in await db.rows(sql, programme_id, key):
        voters += row["n"]
        for choice in parse(row["choices"]):
            found[choice] = found.get(choice, 0) + row["n"]
    return voters, found
