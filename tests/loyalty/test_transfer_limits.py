"""What members may give each other: so much at once, so much in a day, a month, a year, and for what fee."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio

from loyalty.access import Caller
from loyalty.events import MemberRef, PointsTransfer
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING, rich


def within(**terms: Any) -> dict[str, str]:
    """The programme, whose points may be transferred on these terms."""
    programme = json.loads(json.dumps(FILES["programme"]))
    programme["wallets"]["points"]["transfers"] = terms
    return documents(programme=programme)


@pytest_asyncio.fixture
async def family(db: Database) -> AsyncIterator[Shop]:
    """A shop that lets members give each other 10 to 100 points at once, 150 a day, 200 a month."""
    made = await shop_of(db, within(least=10, most=100, per_day=150, per_month=200))
    await rich(made, "lin", 500)
    await made.enrol("wang")
    yield made
    await made.prove()


async def herself(shop: Shop, name: str) -> Caller:
    """A member's own token."""
    member = await shop.member_id(name)
    return Caller(f"member:{member}", "story", frozenset({"member"}), member_id=member)


async def give(shop: Shop, points: int, **more: Any) -> Any:
    """Lin gives Wang points, by herself."""
    lin = MemberRef(id=await shop.member_id("lin"))
    gift = PointsTransfer(shop.key(), lin, ref("wang"), "points", points, **more)
    return await shop.one(gift, caller=await herself(shop, "lin"))


async def test_a_member_gives_its_own_points_away_within_the_limits(family: Shop) -> None:
    receipt = await give(family, 100)

    assert receipt.state == "accepted"
    assert await family.wallet("lin") == NOTHING | {"available": 400}
    assert await family.wallet("wang") == NOTHING | {"available": 100}


async def test_less_or_more_than_the_limits_does_not_move(family: Shop) -> None:
    little, much = await give(family, 9), await give(family, 101)

    assert [one.code for one in (little, much)] == ["TRANSFER_OUT_OF_RANGE"] * 2
    assert (little.params["least"], little.params["most"]) == (10, 100)
    assert await family.wallet("wang") == NOTHING


async def test_a_day_and_a_month_have_their_caps_and_begin_anew(family: Shop) -> None:
    today = [(await give(family, points)).code for points in (100, 51, 50)]
    family.later(days=1)
    tomorrow = [(await give(family, points)).code for points in (51, 50)]
    family.now = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
    next_month = await give(family, 100)

    assert today == [None, "TRANSFER_LIMIT_REACHED", None]
    assert tomorrow == ["TRANSFER_LIMIT_REACHED", None]
    assert next_month.state == "accepted"
    assert await family.wallet("wang") == NOTHING | {"available": 300}


async def test_a_cap_says_how_much_is_left(family: Shop) -> None:
    await give(family, 100)

    refused = await give(family, 60)

    assert (refused.params["most"], refused.params["left"]) == (150, 50)
    assert refused.params["period"]["en"] == "a day"


async def test_the_limits_hold_for_whoever_sends_it(family: Shop) -> None:
    by_staff = await family.one(PointsTransfer("a", ref("lin"), ref("wang"), "points", 101), caller=ADMIN)

    assert by_staff.code == "TRANSFER_OUT_OF_RANGE"
    assert await family.wallet("wang") == NOTHING


async def test_nobody_gives_away_what_is_anothers(family: Shop) -> None:
    wang = await herself(family, "wang")
    stolen = PointsTransfer("a", MemberRef(id=await family.member_id("lin")), ref("wang"), "points", 50)

    refused = await family.one(stolen, caller=wang)

    assert refused.code == "FORBIDDEN"
    assert await family.wallet("wang") == NOTHING


async def test_a_gift_is_called_so_on_both_sides_and_names_nobody(family: Shop) -> None:
    await give(family, 20, gift=True)

    rows = await family.house.db.rows(
        "SELECT reason, note FROM transfers WHERE 'transit' IN (debit, credit) ORDER BY id"
    )

    assert [(row["reason"], row["note"]) for row in rows] == [("gifted", None), ("gift_received", None)]


async def test_a_fee_is_paid_by_whoever_gives_and_rounded_up(db: Database) -> None:
    shop = await shop_of(db, within(fee_percent="5"))
    await rich(shop, "lin", 105)
    await shop.enrol("wang")

    dear, cheap = await give(shop, 101), await give(shop, 99)

    assert (dear.code, dear.params["missing"]) == ("INSUFFICIENT_POINTS", 2)
    assert cheap.state == "accepted"
    assert await shop.wallet("lin") == NOTHING | {"available": 1}
    assert await shop.wallet("wang") == NOTHING | {"available": 99}
    await shop.prove()


async def test_where_the_wallet_is_silent_staff_may_and_members_may_not(shop: Shop) -> None:
    await rich(shop, "lin", 100)
    await shop.enrol("wang")

    by_herself = await give(shop, 10)
    by_staff = await shop.one(PointsTransfer("a", ref("lin"), ref("wang"), "points", 10), caller=ADMIN)

    assert (by_herself.code, by_staff.state) == ("TRANSFER_NOT_ALLOWED", "accepted")
    assert await shop.wallet("wang") == NOTHING | {"available": 10}


async def test_a_wallet_may_be_closed_to_everybody(db: Database) -> None:
    shop = await shop_of(db, within(to="nobody"))
    await rich(shop, "lin", 100)
    await shop.enrol("wang")

    by_staff = await shop.one(PointsTransfer("a", ref("lin"), ref("wang"), "points", 10), caller=ADMIN)

    assert by_staff.code == "TRANSFER_NOT_ALLOWED"
    assert await shop.wallet("wang") == NOTHING
