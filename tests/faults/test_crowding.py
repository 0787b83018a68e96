"""Several processes at the same members, keys, orders and people at once: each counts exactly once."""

import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.faults.conftest import Crew
from tests.faults.programme import BUDGET, PRICE, STOCK

MEMBERS = 50
ATTEMPTS = 1_000


async def test_the_last_points_are_spent_once_however_many_want_them(crew: Crew) -> None:
    names = [f"m{number}" for number in range(MEMBERS)]
    points = [PRICE * (number % 6) + number * 37 % PRICE for number in range(MEMBERS)]
    await crew.enrol(names, points)

    told = await crew.all("spend", names=names, times=ATTEMPTS // MEMBERS // crew.processes)

    answers = [answer for of_one in told for answer in of_one]
    assert len(answers) == ATTEMPTS
    bought: Counter[int] = Counter(answer["member_id"] for answer in answers if answer["state"] == "accepted")
    assert {answer["code"] for answer in answers if answer["state"] != "accepted"} == {"INSUFFICIENT_POINTS"}
    for name, many in zip(names, points, strict=True):
        assert bought[await crew.shop.member_id(name)] == many // PRICE
        assert (await crew.shop.wallet(name))["available"] == many % PRICE
    assert await crew.shop.count("entitlements") == sum(many // PRICE for many in points)


@pytest.mark.parametrize("what", ["order", "redemption"])
async def test_one_key_sent_a_hundred_times_at_once_has_one_effect_and_one_answer(crew: Crew, what: str) -> None:
    await crew.enrol(["lin"], [PRICE * 100])

    args = {"member": "lin", "what": what, "times": 100 // crew.processes, "at": crew.shop.now.isoformat()}
    told = await crew.all("same_key", till="shared", **args)

    answers = [answer for of_one in told for answer in of_one]
    assert len(answers) == 100
    assert (
        len(
            {(answer["event_id"], answer["state"], json.dumps(answer["changes"], sort_keys=True)) for answer in answers}
        )
        == 1
    )
    assert sum(not answer["replayed"] for answer in answers) == 1
    effects = await crew.shop.count("orders") + await crew.shop.count("entitlements")
    assert effects == 1


async def test_tills_with_keys_of_their_own_send_the_same_events_and_each_happens_once(crew: Crew) -> None:
    numbers = list(range(40))
    await crew.enrol([f"m{number}" for number in numbers])

    told = await crew.all("till_work", numbers=numbers, at=crew.shop.now.isoformat())

    for place in ("paid", "back", "off"):
        by_number: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for answer in (answer for of_one in told for answer in of_one if answer["key"].endswith(place)):
            by_number[answer["key"].split("-")[1]].append(answer)
        assert len(by_number) == len(numbers)
        assert all(
            one["state"] in {"accepted", "waiting", "refused"} for of_one in by_number.values() for one in of_one
        )
    states = await crew.shop.house.db.rows("SELECT number, state, net, returned FROM orders ORDER BY number")
    assert [(row["state"], row["returned"]) for row in states] == [("cancelled", row["net"]) for row in states]
    assert len({row["number"] for row in states}) == len(states) == len(numbers)
    assert await crew.shop.count("wallets", "pending <> 0 OR available <> 0 OR owed <> 0") == 0
    assert await crew.shop.count("events", "state = 'waiting'") == 0


async def test_a_person_who_comes_to_all_tills_at_once_is_one_member(crew: Crew) -> None:
    people = 30

    told = await crew.all("meet", people=people)

    answers = [answer for of_one in told for answer in of_one]
    assert await crew.shop.count("members") == 2 * people
    assert await crew.shop.count("identities") == 2 * people
    assert await crew.shop.count("orders", "member_id > 0") == crew.processes * people
    joined = [answer["code"] for answer in answers if "-e" in answer["key"]]
    assert Counter(joined) == {None: people, "IDENTITY_TAKEN": (crew.processes - 1) * people}


async def test_a_budget_is_spent_to_the_last_point_and_not_beyond(sharing: Crew) -> None:
    names = [f"m{number}" for number in range(20)]
    await sharing.enrol(names)

    told = await sharing.all("buy", names=names * 3, total=3_700)

    answers = [answer for of_one in told for answer in of_one]
    given = [answer["changes"].get("points", {}).get("points", {}).get("pending", 0) for answer in answers]
    assert sum(given) == BUDGET
    assert Counter(given)[37] == BUDGET // 37
    assert Counter(given)[BUDGET % 37] == 1
    assert await left(sharing, "budget:spring") == 0
    assert await moved(sharing, "budget:spring") == BUDGET

    first = next(answer for answer in answers if answer["changes"].get("points"))
    await sharing.shop.one(sharing.shop.returned(first["key"]))

    assert await left(sharing, "budget:spring") == first["changes"]["points"]["points"]["pending"]


async def test_a_stock_is_given_away_to_the_last_piece_and_not_beyond(sharing: Crew) -> None:
    names = [f"m{number}" for number in range(20)]
    await sharing.enrol(names, [PRICE * 10] * len(names))

    told = await sharing.all("spend", names=names, times=2)

    codes = Counter(answer["code"] for of_one in told for answer in of_one)
    assert codes[None] == STOCK
    assert set(codes) == {None, "OUT_OF_STOCK"}
    assert await left(sharing, "stock:coupon-10") == 0
    assert await sharing.shop.count("entitlements") == STOCK
    assert await sharing.shop.count("transfers", "credit = 'redeemed'") == STOCK


async def test_campaigns_end_at_their_caps_and_what_is_kept_goes_to_gold_alone(campaign: Crew) -> None:
    names = [f"m{number}" for number in range(20)]
    await campaign.enrol(names)
    for name in names[:10]:
        await campaign.shop.order(name, 100_000)
    gold = {await campaign.shop.member_id(name) for name in names[:10]}
    assert {await campaign.shop.tier(name) for name in names[:10]} == {"gold"}

    told = await campaign.all("buy", names=names * 3, total=3_700)

    assert {answer["state"] for of_one in told for answer in of_one} == {"accepted"}
    assert await earned(campaign) == {"earn/base": 700, "earn/autumn": 300}
    assert await campaign.shop.count("entitlements") == 30
    totals = {
        "budget:autumn": 200, "budget:autumn:kept": 100,
        "campaign:earn/base:points": 700, "campaign:campaigns/pack:times": 30,
    }  # fmt: skip
    for name, total in totals.items():
        assert (await left(campaign, name), await moved(campaign, name)) == (0, total)
    sql = "SELECT DISTINCT member_id FROM counter_moves WHERE name = 'budget:autumn:kept'"
    assert {row["member_id"] for row in await campaign.shop.house.db.rows(sql)} <= gold

    # What one order had of them all comes back with it, whole, and the next order gets just that.
    sql = "SELECT order_id FROM counter_moves GROUP BY order_id ORDER BY COUNT(*) DESC, order_id LIMIT 1"
    (most,) = await campaign.shop.house.db.rows(sql)
    sql = "SELECT name, SUM(amount) AS amount FROM counter_moves WHERE order_id = $1 GROUP BY name"
    rows = await campaign.shop.house.db.rows(sql, most["order_id"])
    (order,) = await campaign.shop.house.db.rows("SELECT number FROM orders WHERE id = $1", most["order_id"])
    await campaign.shop.one(campaign.shop.cancelled(order["number"]))

    assert len(rows) >= 3
    assert {row["name"]: await left(campaign, row["name"]) for row in rows} == {r["name"]: r["amount"] for r in rows}
    await campaign.shop.order("m0", 3_700)
    assert await earned(campaign) == {"earn/base": 700, "earn/autumn": 300}
    assert [await left(campaign, name) for name in totals] == [0, 0, 0, 0]


async def earned(crew: Crew) -> dict[str, int]:
    """What the policies on small orders have given and not taken back."""
    sql = (
        "SELECT policy, SUM(CASE WHEN debit = 'issued' THEN amount ELSE -amount END) AS points FROM transfers "
        "WHERE wallet = 'points' AND (debit = 'issued' OR credit = 'issued') GROUP BY policy"
    )
    return {row["policy"]: int(row["points"]) for row in await crew.shop.house.db.rows(sql)}


async def left(crew: Crew, name: str) -> int:
    rows = await crew.shop.house.db.rows('SELECT "left" FROM counters WHERE name = $1', name)
    return int(rows[0]["left"])


async def moved(crew: Crew, name: str) -> int:
    rows = await crew.shop.house.db.rows("SELECT SUM(amount) AS amount FROM counter_moves WHERE name = $1", name)
    return int(rows[0]["amount"])
