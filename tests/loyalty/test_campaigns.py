"""Caps that all members share, an order's own cap, and factors that multiply: in the books, and back with a return."""

from dataclasses import replace
from typing import Any

from loyalty.previewing import preview
from models.codec import parse
from models.database import Database
from rules.documents import content_hash
from tests.faults.programme import campaigning
from tests.loyalty.conftest import POS, Shop, shop_of
from tests.loyalty.programme import FILES, TITLE, documents


async def left(shop: Shop, name: str) -> int:
    (row,) = await shop.house.db.rows('SELECT "left" FROM counters WHERE name = $1', name)
    return int(row["left"])


async def test_the_last_award_of_a_campaign_is_cut_and_said(db: Database) -> None:
    shop = await shop_of(db, campaigning())
    for name in ("lin", "wang"):
        await shop.enrol(name)
    await shop.order("lin", 40_000)

    cut = await shop.order("wang", 40_000)
    none = await shop.order("lin", 40_000)

    assert (await shop.wallet("lin"))["pending"] == 400 + 7 + 7
    assert (await shop.wallet("wang"))["pending"] == 300 + 7
    said = {"policy": "earn/base", "asked": 400, "because": "limit:points_in_all"}
    assert cut.changes["limited"] == [said | {"given": 300}]
    assert none.changes["limited"] == [said | {"given": 0}]
    assert await left(shop, "campaign:earn/base:points") == 0
    await shop.prove()


async def test_a_full_return_gives_everything_back_and_half_of_one_a_share_of_the_points_alone(db: Database) -> None:
    shop = await shop_of(db, campaigning())
    await shop.enrol("lin")
    names = ("campaign:earn/base:points", "campaign:campaigns/pack:times", "budget:autumn", "budget:autumn:kept")
    before = [await left(shop, name) for name in names]
    await shop.order("lin", 40_000, "A1")
    assert [await left(shop, name) for name in names] == [300, 29, 193, 100]

    await shop.one(shop.returned("A1", "r1", amount=20_000))

    assert [await left(shop, name) for name in names] == [500, 29, 196, 100]

    await shop.one(shop.returned("A1", "r2", amount=20_000))

    assert [await left(shop, name) for name in names] == before == [700, 30, 200, 100]
    await shop.prove()


async def test_gold_takes_what_is_kept_first_and_then_of_the_rest(db: Database) -> None:
    shop = await shop_of(db, campaigning())
    for name in ("lin", "wang"):
        await shop.enrol(name)
    await shop.order("lin", 100_000)
    for _ in range(15):
        await shop.order("lin", 100)

    # 15 × 7 is 105: the 15th took the last 2 that were kept and 5 of the rest.
    assert [await left(shop, name) for name in ("budget:autumn:kept", "budget:autumn")] == [0, 195]

    for _ in range(30):
        await shop.order("wang", 100)

    assert [await left(shop, name) for name in ("budget:autumn:kept", "budget:autumn")] == [0, 0]
    assert (await shop.wallet("wang"))["pending"] == 195 + 30
    await shop.prove()


async def test_a_cap_that_is_raised_keeps_what_was_taken(db: Database) -> None:
    shop = await shop_of(db, campaigning())
    await shop.enrol("lin")
    await shop.order("lin", 40_000)
    changed: dict[str, Any] = {path: parse(text) for path, text in campaigning().items()}
    changed["earn/base"]["limits"] = {"points_in_all": 900, "times_in_all": 1}

    await shop.publish(**{path.replace("/", "__"): document for path, document in changed.items()}, earn__gold=None)
    async with db.transaction() as connection:
        shop.now = await connection.clock()
    receipts = [await shop.order("lin", 40_000) for _ in range(2)]

    assert await left(shop, "campaign:earn/base:points") == 100
    assert await left(shop, "campaign:earn/base:times") == 0
    assert [one.get("because") for one in receipts[1].changes["limited"]] == ["limit:times_in_all"]
    await shop.prove()


async def test_factors_that_multiply_one_another_are_taken_back_with_their_order(db: Database) -> None:
    def factor(text: str, priority: int) -> dict[str, Any]:
        return {
            **FILES["earn/gold"],
            "title": TITLE,
            "conditions": {"name": "order_paid", "operator": "greater_than", "value": "0.00"},
            "actions": [{"name": "multiply_points", "params": {"factor": text, "wallet": "points"}}],
            "examples": [
                {"given": {"order_paid": "1.00"}, "then": [{"multiply": "points", "factor": text}]},
                {"given": {"order_paid": "0.00"}, "then": []},
            ],
            "priority": priority,
            "stacking": {"group": "factors", "mode": "multiply"},
        }

    shop = await shop_of(db, documents(earn__gold=None, earn__x=factor("1.5", 2), earn__y=factor("2", 1)))
    await shop.enrol("lin")

    await shop.order("lin", 13_300, "A1")

    # 133, × 1.5 is 199.5, × 2 is 399.
    assert (await shop.wallet("lin"))["pending"] == 399
    await shop.one(shop.cancelled("A1"))
    assert (await shop.wallet("lin"))["pending"] == 0
    await shop.prove()


async def test_a_draft_with_caps_of_its_own_can_be_previewed_before_it_is_published(db: Database) -> None:
    shop = await shop_of(db, documents())
    await shop.enrol("lin")
    live = await shop.house.rulebook.programme(db, "story")
    drafted = campaigning()
    entries = {path: content_hash(parse(text)) for path, text in drafted.items()}
    ruleset = await shop.house.rulebook.compile(entries, {entries[path]: text for path, text in drafted.items()})
    draft = replace(live, editions=(replace(live.newest, ruleset=ruleset),))

    seen = await preview(shop.house, POS, shop.paid("lin", 49_900), now=shop.now, live=draft)

    assert seen.receipt.changes["points"]["points"] == {"pending": 499 + 7}
    assert await shop.count("counters") == 0
