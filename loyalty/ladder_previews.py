"""Who would move where by another ladder: the question and the fold of a change, on books that nobody flushes."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from loyalty import candidates, thresholds
from loyalty.events import ClockChange, MemberRef
from loyalty.foreseeing import levels_after
from loyalty.house import House
from loyalty.publishing import Bundle
from loyalty.rulebook import BEGINNING, Edition, Live
from rules.documents import parse

AT_ONCE = 256
Progress = Callable[[int, int], None]  # How many candidates were looked at, and up to which share of the members.


@dataclass(frozen=True, slots=True)
class LadderPreview:
    """From which level to which so many would go, once the change counts for everybody and its grace is over."""

    ladder: str
    members: int
    looked_at: int  # Candidates that were folded; nobody else moves.
    complete: bool  # False where there were more than were asked for.
    moves: Mapping[tuple[str, str], int]  # (from, to) → members, those who stay among them.


async def preview(
    house: House,
    live: Live,
    texts: Mapping[str, str],
    ladder: str,
    now: datetime,
    *,
    most: int | None = None,
    progress: Progress = lambda _looked, _members: None,
) -> LadderPreview:
    """What these documents would do to everybody on a ladder; Faulty where they cannot be published."""
    draft = await _draft(house, live, texts, ladder)
    stand = "SELECT tier, COUNT(*) AS members FROM standings WHERE programme_id = $1 AND ladder = $2 GROUP BY tier"
    rows = await house.db.rows(stand, live.programme_id, ladder)
    before = {row["tier"]: int(row["members"]) for row in rows}
    shares = await thresholds.every(house.db, live.programme_id)
    asked = candidates.question(draft, ladder, now, house.db.dialect, shares, changes=True)
    moved, last, looked, complete = Counter[tuple[str, str]](), 0, 0, True
    while complete and (rows := await _page(house, asked, live.programme_id, last)):
        last = int(rows[-1]["member_id"])
        named = [int(row["member_id"]) for row in rows if row["moves"]]
        for start in range(0, len(named), AT_ONCE):
            if most is not None and looked >= most:
                complete = False
                break
            some = named[start : start + AT_ONCE]
            after = await levels_after(house, draft, ladder, some, partial(_change, ladder, now), now)
            moved.update(levels for levels in after.values() if levels[0] != levels[1])
            looked += len(some)
            progress(looked, sum(before.values()))
    stays = {tier: count - sum(n for (old, _), n in moved.items() if old == tier) for tier, count in before.items()}
    moves = moved + Counter({(tier, tier): count for tier, count in stays.items()})
    return LadderPreview(ladder, sum(before.values()), looked, complete, dict(sorted(moves.items())))


async def _draft(house: House, live: Live, texts: Mapping[str, str], ladder: str) -> Live:
    """The programme by these documents, the ladder's change at once and for everybody."""
    document, faults = parse(f"tiers/{ladder}", texts[f"tiers/{ladder}"])
    at_once: dict[str, str] = {}
    if not faults and isinstance(document, dict):
        told: dict[str, Any] = {name: value for name, value in document.items() if name != "transition"}
        at_once = {f"tiers/{ladder}": json.dumps(told, ensure_ascii=False, default=str)}
    bundle = Bundle.of({**texts, **at_once})
    ruleset = await house.rulebook.compile(bundle.entries, bundle.texts)
    return replace(live, editions=(Edition(live.newest.number + 1, BEGINNING, ruleset),))


async def _page(house: House, asked: candidates.Question, programme_id: int, last: int) -> list[dict[str, Any]]:
    async with house.db.snapshot(patient=True) as reader:
        return await reader.rows(asked.sql, *asked.args(programme_id, last))


def _change(ladder: str, now: datetime, member: int) -> ClockChange:
    return ClockChange(f"preview:{member}", MemberRef(id=member), ladder, now)
