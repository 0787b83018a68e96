"""What members consent to, on the book: by purpose and channel, each answer kept with the notice that was shown.

What policies read stays one answer a purpose: given on one channel at least. Whoever sends over a channel asks for
that channel. A late answer is kept, and changes nothing that was answered of a later instant.
"""

from collections.abc import Collection, Mapping
from typing import Final

from loyalty import steps, traits
from loyalty.arrived import Arrived
from loyalty.events import ConsentSet
from loyalty.facts import Scene
from loyalty.refusals import Malformed
from loyalty.turn import Turn
from models.database import Database
from models.members import ConsentMove
from models.sql import any_of
from models.table import table_of
from rules.programme import Programme

WHAT: Final = "consents"
CHANNEL: Final = "/"  # In what is said of a member, an answer by channel stands as `purpose/channel`.
CHANGED: Final = "member.changed"
PROOFS_MAX: Final = 500  # Of a member: whoever changes its mind more often is shown the newest.


def check_consent(programme: Programme, arrival: ConsentSet, *, own: bool) -> None:
    """Raise Malformed for a purpose, channel or notice that is not as declared.

    A member consents to the notice that is shown now; who sends for members may bring an older answer.
    """
    purpose = arrival.purpose
    if purpose not in programme.consents:
        allowed = sorted(programme.consents)
        raise Malformed("CONSENT_UNKNOWN", "/purpose", name=purpose, allowed=allowed)
    asked = programme.purposes.get(purpose)
    channels = asked.channels if asked else ()
    if arrival.channel and arrival.channel not in channels:
        more = {"name": arrival.channel, "purpose": purpose, "allowed": sorted(channels)}
        raise Malformed("CONSENT_CHANNEL_UNKNOWN", "/channel", **more)
    notice = asked.notice if asked else None
    if arrival.granted and notice is not None:
        named, now = (arrival.notice, arrival.notice_version), (notice.key, notice.version)
        if (named != now) if own else not all(named):
            told = {"name": " ".join(named), "purpose": purpose, "allowed": [" ".join(now)]}
            raise Malformed("NOTICE_UNKNOWN", "/notice", **told)


def agree(turn: Turn, one: Arrived, arrival: ConsentSet) -> None:
    """Keep one answer with its proof, and let the ruleset decide what comes of it."""
    turn.book.put(
        ConsentMove(
            programme_id=turn.book.programme_id,
            member_id=turn.member_id,
            id=turn.book.new_id(ConsentMove),
            event_id=turn.event_id,
            position=turn.position,
            instant=turn.instant,
            purpose=arrival.purpose,
            channel=arrival.channel,
            granted=arrival.granted,
            notice=arrival.notice or None,
            notice_version=arrival.notice_version or None,
            subject=one.subject,
        )
    )
    said = {"purpose": arrival.purpose, "channel": arrival.channel or None, "granted": arrival.granted}
    turn.notes["consent"] = said
    _answer(turn, arrival)
    steps.take(Scene(turn, CHANGED))
    steps.follow(turn)
    steps.climb(turn)


def granted(said: Mapping[str, bool], purpose: str, channel: str = "") -> bool | None:
    """Whether a purpose is consented to, on a channel or at all; None where nobody has answered.

    `said` is what `traits.read(turn, "consents")` gives. Once channels are answered one by one, a channel that was
    not asked has no consent.
    """
    by_channel = {name for name in said if name.startswith(purpose + CHANNEL)}
    if not channel or not by_channel:
        return said.get(purpose)
    return said.get(f"{purpose}{CHANNEL}{channel}")


def stricter(own: Mapping[str, bool], other: Mapping[str, bool]) -> dict[str, bool]:
    """The answers of two accounts as one: a refusal before all, whether it was said of a channel or of all of them."""
    told: dict[str, bool] = {}
    names = own.keys() | other.keys()
    for purpose in sorted({name.partition(CHANNEL)[0] for name in names}):
        by_channel = sorted(name for name in names if name.startswith(purpose + CHANNEL))
        for name in by_channel:
            channel = name.removeprefix(purpose + CHANNEL)
            told[name] = all(granted(said, purpose, channel) is not False for said in (own, other))
        refused = False in (own.get(purpose), other.get(purpose))
        told[purpose] = any(told[name] for name in by_channel) if by_channel else not refused
    return told


async def moves(db: Database, programme_id: int, members: Collection[int]) -> dict[int, list[ConsentMove]]:
    """The newest answers of these members, by member: what is asked to prove a consent."""
    sql = (
        f"SELECT {table_of(ConsentMove).select} FROM consent_moves WHERE programme_id = $1 "
        f"AND {any_of(db.dialect, 'member_id', 2)} ORDER BY instant DESC, position DESC, id DESC LIMIT $3"
    )
    found: dict[int, list[ConsentMove]] = {}
    for row in await db.read(ConsentMove, sql, programme_id, sorted(members), PROOFS_MAX * len(members)):
        found.setdefault(row.member_id, []).append(row)
    return found


def purposes(turn: Turn) -> tuple[str, ...]:
    """The purposes consented to, on one channel at least: what policies read."""
    return tuple(name for name in traits.names(turn, WHAT) if CHANNEL not in name)


def _answer(turn: Turn, arrival: ConsentSet) -> None:
    purpose, said = arrival.purpose, traits.read(turn, WHAT)
    by_channel = sorted(name for name in said if name.startswith(purpose + CHANNEL))
    if not arrival.channel:
        for name in by_channel:
            traits.put(turn, WHAT, name, None)
        traits.put(turn, WHAT, purpose, arrival.granted)
        return
    asked = turn.programme.purposes.get(purpose)
    if not by_channel and said.get(purpose) is not None:  # What was answered for all of them is said of each now.
        for channel in asked.channels if asked else ():
            traits.put(turn, WHAT, f"{purpose}{CHANNEL}{channel}", said[purpose])
    traits.put(turn, WHAT, f"{purpose}{CHANNEL}{arrival.channel}", arrival.granted)
    now = traits.read(turn, WHAT)
    traits.put(turn, WHAT, purpose, any(now[name] for name in now if name.startswith(purpose + CHANNEL)))
