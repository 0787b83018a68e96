"""Entitlements that are used several times, some of them for one part only; and what policies take back or replace."""

from datetime import timedelta
from typing import Any

from loyalty.events import CodeVerify, PointsAdjust
from loyalty.receipts import Receipt
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, back, lines, ref
from tests.loyalty.selling import Document, benefit, opened, policy, programme, sells, text

ONE_YEAR = benefit("warranty", uses=2, sub_limits={"flyaway": 1}, code=True, valid={"months": 12})
TWO_YEARS = benefit("warranty", uses=4, sub_limits={"flyaway": 2}, code=True, valid={"months": 24})
PLUS = benefit("warranty", uses=1_000, code=True, valid={"months": 12})
BOUND = {
    "title": text("Bound"),
    "schema": {
        "type": "object",
        "properties": {
            "product": {"type": "string", "enum": ["aircraft", "handheld"]},
            "activated_at": {"type": "string", "format": "date-time"},
        },
        "required": ["product", "activated_at"],
        "additionalProperties": False,
    },
}


def is_(name: str, operator: str, value: Any) -> Document:
    return {"name": name, "operator": operator, "value": value}


IN_TIME = {
    "any": [
        {
            "all": [
                is_("payload_product", "equal_to", product),
                is_("payload_activated_at_ago", "less_than_or_equal_to", span),
            ]
        }
        for product, span in (("aircraft", "48h"), ("handheld", "30d"))
    ]
}


def on_order(name: str, params: Document, then: Document, coupon: str) -> Document:
    """What a policy does when an order names a coupon."""
    asked = is_("order_coupon", "equal_to", coupon)
    cases: list[Document] = [{"given": {"order_coupon": coupon}, "then": [then]}, {"given": {}, "then": []}]
    return policy("order.paid", (name, params), examples=cases, conditions=asked)


def buys(plan: str) -> Document:
    return on_order("issue_benefit", {"benefit": plan}, {"issue": plan}, plan)


async def plans(db: Database, **changes: Any) -> Shop:
    own = {"benefits__one_year": ONE_YEAR, "benefits__two_years": TWO_YEARS}
    sold = {"earn__one_year": buys("one-year"), "earn__two_years": buys("two-years")}
    shop = await opened(db, **own | sold | changes)
    await shop.enrol("lin")
    return shop


async def bought(shop: Shop, plan: str) -> str:
    """The code of a plan that is bought with an order."""
    receipt = await shop.order("lin", 10_000, f"plan-{plan}", coupon=plan, lines=lines(10_000))
    return shop.house.secrets.code_of(1, receipt.changes["entitlements"][0]["id"])


async def use(shop: Shop, code: str, part: str | None = None) -> Receipt:
    return await shop.one(CodeVerify(shop.key(), code, use=True, part=part))


async def states(shop: Shop) -> list[tuple[str, str, int]]:
    rows = await shop.house.db.rows("SELECT benefit, state, uses FROM entitlements ORDER BY id")
    return [(row["benefit"], row["state"], row["uses"]) for row in rows]


async def test_a_one_year_plan_replaces_twice(db: Database) -> None:
    shop = await plans(db)
    code = await bought(shop, "one-year")

    first, second, third = [await use(shop, code) for _ in range(3)]

    assert [one.changes["code"]["uses_left"] for one in (first, second)] == [1, 0]
    assert third.code == "CODE_USED"
    assert await states(shop) == [("one-year", "used", 2)]
    await shop.prove()


async def test_a_second_flyaway_is_refused_though_a_replacement_is_left(db: Database) -> None:
    shop = await plans(db)
    code = await bought(shop, "one-year")

    lost = await use(shop, code, "flyaway")
    again = await use(shop, code, "flyaway")
    looked = await shop.one(CodeVerify(shop.key(), code, part="flyaway"))
    unknown = await use(shop, code, "scratch")
    broken = await use(shop, code)

    assert (lost.ok, again.code, again.params["most"], looked.code) == (True, "LIMIT_REACHED", 1, "LIMIT_REACHED")
    assert (unknown.code, unknown.params["allowed"]) == ("PART_UNKNOWN", ["flyaway"])
    assert broken.ok
    assert await states(shop) == [("one-year", "used", 2)]
    parts = [row["part"] for row in await db.rows("SELECT part FROM entitlement_moves ORDER BY id")]
    assert parts == [None, "flyaway", None]
    await shop.prove()


async def test_a_two_year_plan_grants_a_fourth_replacement(db: Database) -> None:
    shop = await plans(db)
    code = await bought(shop, "two-years")

    answers = [await use(shop, code) for _ in range(5)]

    assert [one.code for one in answers] == [None] * 4 + ["CODE_USED"]
    await shop.prove()


async def binding(db: Database) -> Shop:
    given = {"payload_product": "handheld", "payload_activated_at_ago": "29d"}
    late = {"payload_product": "aircraft", "payload_activated_at_ago": "49h"}
    bind = policy(
        "device.bound",
        ("issue_benefit", {"benefit": "one-year"}),
        conditions=IN_TIME,
        examples=[{"given": given, "then": [{"issue": "one-year"}]}, {"given": late, "then": []}],
    )
    no = policy(
        "device.bound",
        ("refuse", {"text": text("Too late to bind")}),
        conditions={"not": IN_TIME},
        examples=[{"given": late, "then": [{"refuse": True}]}, {"given": given, "then": []}],
    )
    return await plans(
        db, programme=programme(event_types={"device.bound": BOUND}), earn__review=None, earn__bind=bind, earn__late=no
    )


async def test_a_plan_is_bound_in_time_or_not_at_all(db: Database) -> None:
    shop = await binding(db)

    async def bind(product: str, **ago: int) -> Receipt:
        activated = (shop.now - timedelta(**ago)).isoformat()
        return await shop.behave("lin", "device.bound", product=product, activated_at=activated)

    late = await bind("aircraft", hours=49)
    nothing = await states(shop)
    in_time = await bind("handheld", days=29)

    assert [one["policy"] for one in late.changes["refused_by"]] == ["earn/late"]
    assert nothing == []
    assert in_time.changes["entitlements"][0]["benefit"] == "one-year"
    await shop.prove()


async def plus(db: Database) -> Shop:
    left = is_("uses_left_one_year", "greater_than_or_equal_to", 1)
    price = policy(
        "points.redeem",
        ("price_fixed", {"benefit": "plus", "points": 1}),
        examples=[
            {"given": {"redeem_benefit": "plus"}, "then": [{"price": "plus", "points": 1}]},
            {"given": {"redeem_benefit": "one-year"}, "then": []},
        ],
    )
    earned = policy(
        "order.paid",
        ("earn_points", {"points": 5}),
        examples=[{"given": {}, "then": [{"earn": "points", "points": 5}]}, {"on": "member.enrolled", "then": []}],
    )
    return await plans(db, benefits__plus=PLUS | {"available_to": left}, redeem__plus=price, earn__five=earned)


async def test_plus_is_sold_only_with_a_replacement_left(db: Database) -> None:
    shop = await plus(db)
    code = await bought(shop, "one-year")

    await use(shop, code)
    sold = await shop.redeem("lin", "plus")
    await use(shop, code)
    refused = await shop.redeem("lin", "plus")

    assert (sold.ok, refused.code) == (True, "NOT_ELIGIBLE")
    assert await states(shop) == [("one-year", "used", 2), ("plus", "issued", 0)]
    await shop.prove()


async def better(db: Database, **two_years: Any) -> Shop:
    upgrade = on_order(
        "upgrade_benefit", {"from": "one-year", "to": "two-years"}, {"upgrade": "one-year", "to": "two-years"}, "better"
    )
    revoke = on_order(
        "revoke_benefit", {"benefit": "one-year", "all": True}, {"revoke": "one-year", "all": True}, "gone"
    )
    return await plans(db, earn__better=upgrade, earn__gone=revoke, **two_years)


async def test_an_upgrade_replaces_and_a_full_return_puts_the_old_one_back(db: Database) -> None:
    shop = await better(db)
    code = await bought(shop, "one-year")
    before = await db.rows("SELECT state, expires_at FROM entitlements")

    await shop.order("lin", 5_000, "up", coupon="better", lines=lines(5_000))
    during = await states(shop)
    refused = await use(shop, code)
    await shop.one(shop.returned("up", lines=back((0, 1))))

    assert during == [("one-year", "revoked", 0), ("two-years", "issued", 0)]
    assert refused.code == "CODE_EXPIRED"
    assert await states(shop) == [("one-year", "issued", 0), ("two-years", "revoked", 0)]
    after = await db.rows("SELECT state, expires_at FROM entitlements WHERE benefit = 'one-year'")
    assert [dict(row) for row in after] == [dict(row) for row in before]
    assert (await use(shop, code)).ok
    await shop.prove()


async def test_a_better_piece_that_was_used_stays_and_what_it_replaced_stays_gone(db: Database) -> None:
    shop = await better(db)
    await bought(shop, "one-year")
    receipt = await shop.order("lin", 5_000, "up", coupon="better", lines=lines(5_000))
    new = next(one["id"] for one in receipt.changes["entitlements"] if one["benefit"] == "two-years")
    await use(shop, shop.house.secrets.code_of(1, new))

    returned = await shop.one(shop.returned("up", lines=back((0, 1))))

    assert await states(shop) == [("one-year", "revoked", 0), ("two-years", "revoked", 1)]
    assert [(one["benefit"], one["times"]) for one in returned.changes["not_taken_back"]] == [("two-years", 1)]
    await shop.prove()


async def test_a_piece_for_points_that_one_order_replaced_twice_comes_back_once(db: Database) -> None:
    names = {"from": "two-years", "to": "three-years"}
    shown_up: Document = {"given": {"tier_direction": "up"}, "then": [{"upgrade": "two-years", "to": "three-years"}]}
    cases = [shown_up, {"given": {}, "then": []}]
    up = is_("tier_direction", "equal_to", "up")
    further = policy("tier.changed", ("upgrade_benefit", names), examples=cases, conditions=up)
    lifts = on_order("move_tier", {"to": "gold"}, {"move_tier": "grade", "to": "gold"}, "better")
    shown = [{"price": "one-year", "points": 100}]
    price = sells("price_fixed", shown, benefit="one-year", points=100)
    shop = await better(
        db, earn__further=further, earn__lifts=lifts, benefits__three_years=TWO_YEARS, redeem__plan=price
    )
    await shop.one(PointsAdjust("a", ref("lin"), "points", 100, "a start"), caller=ADMIN)
    await shop.redeem("lin", "one-year")
    await shop.order("lin", 5_000, "up", coupon="better", lines=lines(5_000))
    during = await states(shop)

    await shop.one(shop.returned("up", lines=back((0, 1))))

    assert during == [("one-year", "revoked", 0), ("two-years", "revoked", 0), ("three-years", "issued", 0)]
    assert await states(shop) == [("one-year", "issued", 0), ("two-years", "revoked", 0), ("three-years", "revoked", 0)]
    await shop.prove()


async def test_an_upgrade_that_cannot_be_given_leaves_the_old_one(db: Database) -> None:
    shop = await better(db, benefits__two_years=TWO_YEARS | {"per_member": 1})
    await bought(shop, "two-years")
    await bought(shop, "one-year")

    receipt = await shop.order("lin", 5_000, coupon="better")

    assert [(one["benefit"], one["code"]) for one in receipt.changes["not_given"]] == [("two-years", "LIMIT_REACHED")]
    assert await states(shop) == [("two-years", "issued", 0), ("one-year", "issued", 0)]
    await shop.prove()


async def test_what_a_policy_withdrew_comes_back_with_a_full_return(db: Database) -> None:
    shop = await better(db, benefits__one_year=ONE_YEAR | {"stock": 3})
    await bought(shop, "one-year")
    await shop.order("lin", 5_000, "gone", coupon="gone", lines=lines(5_000))
    during = await states(shop)

    await shop.one(shop.returned("gone", lines=back((0, 1))))

    assert during == [("one-year", "revoked", 0)]
    assert await states(shop) == [("one-year", "issued", 0)]
    left = await db.rows("SELECT \"left\" FROM counters WHERE name = 'stock:one-year'")
    assert [row["left"] for row in left] == [2]
    await shop.prove()
