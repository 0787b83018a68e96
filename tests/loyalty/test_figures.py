"""What became of each benefit is counted from its pieces: usage, delivery, cost, and what is left."""

from decimal import Decimal

from loyalty.events import BenefitFulfil, BenefitRevoke, BenefitUse
from loyalty.figures import Figures, figures
from models.database import Database
from tests.loyalty.conftest import Shop
from tests.loyalty.selling import opened, programme
from tests.loyalty.test_entitlements import claim, do, gift, piece


async def told(shop: Shop) -> dict[str, Figures]:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    return {one.benefit: one for one in await figures(shop.house.db, live, shop.now)}


async def test_usage_delivery_and_cost_are_counted_to_the_piece(db: Database) -> None:
    supply = {"supplier": "Workshop", "lead_days": 2, "low_stock": 16}
    box = gift(claim=True, cost="18.00", stock=20, supply=supply, valid={"days": 10})
    shop = await opened(db, benefits__box=box, benefits__tea=gift(claim=True, cost="2.50"))
    await shop.enrol("lin")
    boxes = [piece(await claim(shop, benefit="box")) for _ in range(5)]
    teas = [piece(await claim(shop, benefit="tea")) for _ in range(4)]

    await do(shop, BenefitFulfil, boxes[0])
    await do(shop, BenefitUse, boxes[0])
    await do(shop, BenefitRevoke, boxes[1], "a mistake")
    await do(shop, BenefitUse, teas[0])
    shop.later(days=3)
    await do(shop, BenefitFulfil, boxes[2])
    found = await told(shop)

    own = found["box"]
    assert own.by_state == {"issued": 3, "reserved": 0, "used": 1, "expired": 0, "revoked": 1}
    assert (own.issued, own.usage_rate) == (5, Decimal("0.2000"))
    # What was taken back undelivered is promised no more.
    assert (own.promised, own.fulfilled, own.late, own.overdue) == (4, 2, 1, 2)
    assert own.fulfilment_rate == Decimal("0.5000")
    assert own.cost == Decimal("36.00")
    assert (own.stock, own.left, own.low) == (20, 16, True)
    assert (found["tea"].cost, found["tea"].usage_rate) == (Decimal("2.50"), Decimal("0.2500"))
    assert (found["tea"].promised, found["tea"].fulfilment_rate, found["tea"].stock) == (0, None, None)
    assert (found["coupon-10"].issued, found["coupon-10"].usage_rate) == (0, None)


async def test_a_piece_costs_what_it_did_when_it_was_given(db: Database) -> None:
    shop = await opened(db, benefits__tea=gift(claim=True, cost="2.50"))
    await shop.enrol("lin")
    first = piece(await claim(shop, benefit="tea"))
    bare = dict.fromkeys(("earn__base", "earn__gold", "redeem__coupon_10", "campaigns__gold_pack"))
    dearer = {**bare, "programme": programme(), "benefits__tea": gift(claim=True, cost="4.00")}
    await shop.publish(**dearer)
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    shop.now = max(shop.now, live.newest.live_from)

    second = piece(await claim(shop, benefit="tea"))
    for one in (first, second):
        await do(shop, BenefitUse, one)

    assert (await told(shop))["tea"].cost == Decimal("6.50")
