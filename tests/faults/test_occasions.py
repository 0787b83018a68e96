"""Several processes want the seats of a gathering and the prizes of a draw: all are given, in order, none twice."""

from collections import Counter
from typing import Any

import pytest

from tests.faults.conftest import Crew
from tests.faults.programme import PLACES, PRIZES, SEATS
from tests.faults.test_crowding import left, moved
from tests.loyalty.occasions import tick

NAMES = [f"m{number}" for number in range(90)]


async def sign_ups(crew: Crew, state: str) -> list[dict[str, Any]]:
    sql = "SELECT member_id, seats, place FROM sign_ups WHERE state = $1 ORDER BY place"
    return await crew.shop.house.db.rows(sql, state)


async def seats_add_up(crew: Crew) -> None:
    """Seats that are taken and free are all there are; what counters say is what was moved, and what stands."""
    seated, waiting = await sign_ups(crew, "signed_up"), await sign_ups(crew, "waiting")
    taken, free = sum(row["seats"] for row in seated), await left(crew, "seats:salon")
    assert (taken + free, await moved(crew, "seats:salon")) == (SEATS, taken)
    assert await left(crew, "places:salon") == PLACES - len(waiting)
    assert await moved(crew, "places:salon") == await moved(crew, "line:salon") == len(waiting)
    assert len({row["place"] for row in waiting}) == len(waiting)
    # Seats are free only as long as they are too few for whoever is first in line.
    assert 0 <= free < (waiting[0]["seats"] if waiting else 1)


@pytest.mark.parametrize("guests", [(1, 1), (0, 1)])
async def test_seats_go_to_the_last_one_and_not_beyond_and_the_line_is_whole(
    seeking: Crew, guests: tuple[int, int]
) -> None:
    await seeking.enrol(NAMES)

    told = await seeking.all("sign_up", names=NAMES, guests=guests)

    answers = [answer for of_one in told for answer in of_one]
    seated, waiting = await sign_ups(seeking, "signed_up"), await sign_ups(seeking, "waiting")
    got = Counter(answer["member_id"] for answer in answers if answer["state"] == "accepted")
    assert {answer["code"] for answer in answers} == {None, "SIGNED_UP_ALREADY", "GATHERING_FULL"}
    assert got == Counter(row["member_id"] for row in seated + waiting)
    assert (len(waiting), await seeking.shop.count("sign_ups")) == (PLACES, len(seated) + PLACES)
    assert guests == (0, 1) or sum(row["seats"] for row in seated) == SEATS
    await seats_add_up(seeking)


async def test_seats_given_back_at_every_till_at_once_go_down_the_line_in_its_order(seeking: Crew) -> None:
    await seeking.enrol(NAMES)
    await seeking.all("sign_up", names=NAMES, guests=(0, 1))
    seated = {row["member_id"] for row in await sign_ups(seeking, "signed_up")}
    line = [row["member_id"] for row in await sign_ups(seeking, "waiting")]
    leaving = [name for name in NAMES if await seeking.shop.member_id(name) in seated][::2]

    told = await seeking.all("cancel_seats", names=leaving)
    await tick(seeking.shop)

    codes = Counter(answer["code"] for of_one in told for answer in of_one)
    assert codes == {None: len(leaving), "NOT_SIGNED_UP": (seeking.processes - 1) * len(leaving)}
    up = [row["member_id"] for row in await sign_ups(seeking, "signed_up") if row["member_id"] in line]
    assert up
    assert up + [row["member_id"] for row in await sign_ups(seeking, "waiting")] == line
    assert await seeking.shop.count("outbox", "kind = 'gathering.moved_up'") == len(up)
    await seats_add_up(seeking)


async def test_prizes_are_won_to_the_last_piece_and_not_beyond(seeking: Crew) -> None:
    names = NAMES[:20]
    await seeking.enrol(names)

    told = await seeking.all("enter", names=names, times=3)

    codes = Counter(answer["code"] for of_one in told for answer in of_one)
    assert codes == {None: 3 * len(names), "NO_TICKET_NOW": 3 * (seeking.processes - 1) * len(names)}
    assert (await left(seeking, "prize:wheel/bag"), await moved(seeking, "prize:wheel/bag")) == (0, PRIZES)
    assert await seeking.shop.count("tickets", "state = 'won'") == PRIZES
    assert await seeking.shop.count("tickets", "state = 'lost'") == 3 * len(names) - PRIZES
    assert await seeking.shop.count("entitlements") == PRIZES
    rows = await seeking.shop.house.db.rows(
        "SELECT COUNT(*) AS won FROM tickets WHERE state = 'won' GROUP BY member_id"
    )
    assert max(row["won"] for row in rows) <= 2
