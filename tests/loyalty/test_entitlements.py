"""The life of a piece: granted, claimed, set aside, used, taken back, delivered; counted by quotas, and never twice."""

import json
from datetime import timedelta
from typing import Any

from loyalty.events import (
    BenefitClaim,
    BenefitFulfil,
    BenefitGrant,
    BenefitRelease,
    BenefitReserve,
    BenefitRevoke,
    BenefitUse,
    Line,
    PointsAdjust,
)
from loyalty.receipts import Receipt
from models.database import Database
from tests.loyalty.conftest import ADMIN, START, Shop, ref
from tests.loyalty.programme import FILES
from tests.loyalty.selling import Document, opened, text

GIFT: Document = {"title": text("Gift"), "description": text("A gift"), "kind": "gift"}


def gift(**terms: Any) -> Document:
    return {**GIFT, **terms}


async def gifts(db: Database, **terms: Any) -> Shop:
    """A shop with one benefit, `gift`, and two members."""
    shop = await opened(db, benefits__gift=gift(**terms))
    for name in ("lin", "mei"):
        await shop.enrol(name)
    return shop


async def claim(shop: Shop, name: str = "lin", benefit: str = "gift", **more: Any) -> Receipt:
    return await shop.one(BenefitClaim(more.pop("key", None) or shop.key(), ref(name), benefit, **more))


async def grant(shop: Shop, name: str = "lin", benefit: str = "gift", **more: Any) -> Receipt:
    return await shop.one(BenefitGrant(shop.key(), ref(name), benefit, "sorry for the wait", **more), ADMIN)


async def do(shop: Shop, kind: Any, piece: int, *more: Any, **named: Any) -> Receipt:
    return await shop.one(kind(shop.key(), ref("lin"), piece, *more, **named), ADMIN)


def piece(receipt: Receipt) -> int:
    return int(receipt.changes["entitlements"][0]["id"])


async def states(shop: Shop) -> list[str]:
    rows = await shop.house.db.rows("SELECT state FROM entitlements ORDER BY id")
    return [row["state"] for row in rows]


async def steps(shop: Shop) -> list[tuple[str | None, str, str]]:
    rows = await shop.house.db.rows("SELECT state_from, state_to, reason FROM entitlement_moves ORDER BY position, id")
    return [(row["state_from"], row["state_to"], row["reason"]) for row in rows]


async def left(shop: Shop, name: str) -> int:
    rows = await shop.house.db.rows('SELECT "left" AS n FROM counters WHERE name = $1', name)
    return int(rows[0]["n"])


async def test_a_piece_is_granted_by_name_and_with_a_reason(db: Database) -> None:
    shop = await gifts(db, stock=5)

    given = await grant(shop, count=2)

    assert [one["state"] for one in given.changes["entitlements"]] == ["issued", "issued"]
    assert await left(shop, "stock:gift") == 3
    assert await steps(shop) == [(None, "issued", "granted")] * 2
    (row,) = await db.rows("SELECT action, note, after FROM audit WHERE action = 'benefit.grant'")
    assert row["note"] == "sorry for the wait"
    assert json.loads(row["after"])["count"] == 2
    await shop.prove()


async def test_a_grant_that_stock_cannot_fill_gives_nothing(db: Database) -> None:
    shop = await gifts(db, stock=1)

    refused = await grant(shop, count=2)

    assert refused.code == "OUT_OF_STOCK"
    assert await states(shop) == []
    assert await left(shop, "stock:gift") == 1
    assert await shop.count("audit", "action = 'benefit.grant'") == 0


async def test_only_what_is_free_to_take_can_be_claimed(db: Database) -> None:
    shop = await opened(db, benefits__gift=gift(), benefits__free=gift(claim=True, per_member=1))
    await shop.enrol("lin")

    assert (await claim(shop)).code == "NOT_CLAIMABLE"
    assert (await claim(shop, benefit="yacht")).code == "BENEFIT_UNKNOWN"
    assert (await claim(shop, benefit="free", key="once")).state == "accepted"
    assert (await claim(shop, benefit="free", key="once")).replayed
    assert (await claim(shop, benefit="free")).code == "LIMIT_REACHED"
    assert await states(shop) == ["issued"]
    await shop.prove()


async def test_a_piece_goes_its_way_and_each_step_is_a_move(db: Database) -> None:
    shop = await gifts(db, claim=True)
    own = piece(await claim(shop))

    assert (await do(shop, BenefitReserve, own)).state == "accepted"
    assert (await do(shop, BenefitReserve, own)).code == "ENTITLEMENT_CLOSED"
    assert (await do(shop, BenefitRelease, own)).state == "accepted"
    assert (await do(shop, BenefitRelease, own)).code == "ENTITLEMENT_CLOSED"
    assert (await do(shop, BenefitUse, own, order_number="A-1")).state == "accepted"
    assert (await do(shop, BenefitUse, own)).code == "ENTITLEMENT_CLOSED"
    assert (await do(shop, BenefitRevoke, own, "a mistake")).code == "ENTITLEMENT_CLOSED"

    assert await steps(shop) == [
        (None, "issued", "claimed"),
        ("issued", "reserved", "reserved"),
        ("reserved", "issued", "released"),
        ("issued", "used", "used"),
    ]
    assert (await db.rows("SELECT used_on FROM entitlements"))[0]["used_on"] == "main/A-1"
    await shop.prove()


async def test_what_is_set_aside_lapses_by_itself(db: Database) -> None:
    shop = await gifts(db, claim=True)
    own = piece(await claim(shop))
    await do(shop, BenefitReserve, own, 30)

    shop.later(minutes=30)
    await shop.settle("lin")

    assert await states(shop) == ["issued"]
    assert (await steps(shop))[-1] == ("reserved", "issued", "lapsed")
    assert (await do(shop, BenefitUse, own)).state == "accepted"
    await shop.prove()


async def test_what_is_set_aside_does_not_end_meanwhile_and_ends_at_once_after(db: Database) -> None:
    shop = await gifts(db, claim=True, valid={"days": 1})
    own = piece(await claim(shop))
    shop.later(hours=23)
    await do(shop, BenefitReserve, own, 120)

    shop.later(minutes=90)
    while_reserved = await states(shop)
    await do(shop, BenefitRelease, own)

    assert while_reserved == ["reserved"]
    assert await states(shop) == ["expired"]
    assert [to for _, to, _ in await steps(shop)] == ["issued", "reserved", "issued", "expired"]
    await shop.prove()


async def test_a_piece_that_is_taken_back_goes_back_on_the_shelf(db: Database) -> None:
    shop = await gifts(db, claim=True, stock=1, per_member=1, quotas=[
        {"most": 1, "of": "all", "per": "day"}, {"most": 1, "of": "member", "per": "year"}])  # fmt: skip
    own = piece(await claim(shop))
    assert (await claim(shop, "mei")).code == "QUOTA_REACHED"

    shop.later(hours=30)
    await do(shop, BenefitRevoke, own, "sent to the wrong person")

    assert await states(shop) == ["revoked"]
    assert await left(shop, "stock:gift") == 1
    assert await left(shop, "quota:gift:day:2026-03-02") == 1  # The day it was given on, not the day it came back.
    assert (await claim(shop)).state == "accepted"
    await shop.prove()


async def test_a_quota_of_a_day_is_for_that_day_and_for_everybody(db: Database) -> None:
    shop = await gifts(db, claim=True, quotas=[{"most": 2, "of": "all", "per": "day"}])

    today = [(await claim(shop, name)).code for name in ("lin", "mei", "lin")]
    shop.later(days=1)
    tomorrow = await claim(shop)

    assert today == [None, None, "QUOTA_REACHED"]
    assert tomorrow.state == "accepted"
    assert await left(shop, "quota:gift:day:2026-03-02") == 0
    assert await left(shop, "quota:gift:day:2026-03-03") == 1
    await shop.prove()


async def test_a_quota_of_each_member_and_one_between_two_days(db: Database) -> None:
    span = {"most": 3, "of": "all", "from": "2026-03-01", "until": "2026-03-03"}
    shop = await gifts(db, claim=True, quotas=[{"most": 2, "of": "member", "per": "month"}, span])

    codes = [(await claim(shop, name)).code for name in ("lin", "lin", "lin", "mei", "mei")]
    shop.later(days=2)
    after = await claim(shop, "mei")

    assert codes == [None, None, "QUOTA_REACHED", None, "QUOTA_REACHED"]
    assert after.state == "accepted"  # The days are over, and with them the quota.
    await shop.prove()


async def test_a_benefit_opens_to_some_before_the_public_and_closes(db: Database) -> None:
    early = [{"hours": 48, "to": {"name": "member_tier", "operator": "at_least", "value": "gold"}}]
    opening = {"opens_at": "2026-03-06", "closes_at": "2026-03-07", "early": early}
    shop = await opened(db, benefits__gift=gift(claim=True, opening=opening), earn__base=FILES["earn/base"])
    for name in ("lin", "mei"):
        await shop.enrol(name)
    await shop.order("mei", 600_000)
    assert await shop.tier("mei") == "gold"

    shop.now = START + timedelta(days=2)  # Within the 48 hours.
    first = [(await claim(shop, name)).code for name in ("lin", "mei")]
    shop.now = START + timedelta(days=4)
    public = (await claim(shop)).code
    shop.now = START + timedelta(days=6)
    late = (await claim(shop, "mei")).code

    assert first == ["NOT_OPEN_YET", None]
    assert public is None
    assert late == "NO_LONGER_OPEN"
    await shop.prove()


async def test_what_a_pack_contains_is_given_with_it(db: Database) -> None:
    contains = [{"benefit": "cup", "count": 2}]
    shop = await opened(
        db, benefits__pack=gift(kind="gift_pack", contains=contains, claim=True), benefits__cup=gift(stock=3)
    )
    for name in ("lin", "mei"):
        await shop.enrol(name)

    one = await claim(shop, "lin", "pack")
    two = await claim(shop, "mei", "pack")

    assert [row["benefit"] for row in one.changes["entitlements"]] == ["cup", "cup", "pack"]
    assert two.code == "OUT_OF_STOCK"  # A pack that is not whole is not given.
    assert await left(shop, "stock:cup") == 1
    await shop.prove()


async def test_a_piece_is_used_where_and_on_what_it_is_for(db: Database) -> None:
    use = {"channels": ["store"], "categories": ["tea"]}
    shop = await gifts(db, claim=True, minimum_spend="200.00", use=use)
    own = piece(await claim(shop))
    tea, cup = Line("T", 1, 20_000, category="tea"), Line("C", 1, 20_000, category="cups")

    codes = [
        (await do(shop, BenefitUse, own, **there)).code
        for there in (
            {"channel": "store", "lines": (tea,), "basket": 19_999},
            {"channel": "app", "lines": (tea,), "basket": 20_000},
            {"channel": "store", "lines": (cup,), "basket": 20_000},
            {"channel": "store", "lines": (cup, tea), "basket": 20_000},
        )
    ]

    assert codes == ["BASKET_TOO_SMALL", "NOT_USABLE_HERE", "NOT_USABLE_HERE", None]
    await shop.prove()


async def test_what_cannot_be_combined_is_used_alone_on_an_order(db: Database) -> None:
    shop = await opened(
        db, benefits__alone=gift(claim=True, use={"combinable": False}), benefits__other=gift(claim=True)
    )
    await shop.enrol("lin")
    alone, other, second = [piece(await claim(shop, "lin", key)) for key in ("alone", "other", "alone")]
    await do(shop, BenefitUse, other, order_number="A-1")

    refused = await do(shop, BenefitUse, alone, order_number="A-1")
    elsewhere = await do(shop, BenefitUse, second, order_number="A-2")

    assert refused.code == "NOT_COMBINABLE"
    assert elsewhere.state == "accepted"
    await shop.prove()


async def test_what_was_promised_is_delivered_once(db: Database) -> None:
    shop = await gifts(db, claim=True, supply={"supplier": "Workshop", "lead_days": 3})
    own = piece(await claim(shop))
    shop.later(days=4)

    made = await do(shop, BenefitFulfil, own, "parcel 7")
    again = await do(shop, BenefitFulfil, own)

    assert made.changes["fulfilled"]["late"] is True
    assert again.code == "ENTITLEMENT_CLOSED"
    (row,) = await db.rows("SELECT state, promised_at, fulfilled_at FROM entitlements")
    assert row["state"] == "issued"
    assert row["promised_at"] == START + timedelta(days=3)
    assert row["fulfilled_at"] == shop.now
    await shop.prove()


async def test_what_nobody_promised_cannot_be_delivered(db: Database) -> None:
    shop = await gifts(db, claim=True)

    assert (await do(shop, BenefitFulfil, piece(await claim(shop)))).code == "NOTHING_PROMISED"


async def test_somebody_is_told_once_when_little_is_left(db: Database) -> None:
    shop = await gifts(db, claim=True, stock=4, supply={"low_stock": 2})

    for _ in range(4):
        await claim(shop)

    alerts = [json.loads(row["body"]) for row in await db.rows("SELECT body FROM outbox WHERE kind = 'alert'")]
    assert [(one["alert"], one["benefit"], one["left"]) for one in alerts] == [("low_stock", "gift", 2)]
    await shop.prove()


async def test_a_price_of_its_own_sells_without_a_policy(db: Database) -> None:
    shop = await gifts(db, price={"points": 100})
    await shop.one(PointsAdjust(shop.key(), ref("lin"), "points", 200, "a start"), ADMIN)

    sold = await shop.redeem("lin", "gift")
    refused = await shop.redeem("mei", "gift")

    assert sold.state == "accepted"
    assert refused.code == "INSUFFICIENT_POINTS"
    assert (await shop.wallet("lin"))["available"] == 100
    await shop.prove()
