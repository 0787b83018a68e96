"""A frozen member, or wallet, goes on earning and cannot spend; staff say why, and the audit keeps it."""

from typing import Any

from loyalty.events import (
    CodeVerify,
    HoldCapture,
    HoldRelease,
    MemberFreeze,
    MemberUnfreeze,
    PointsAdjust,
    PointsTransfer,
    WalletFreeze,
    WalletUnfreeze,
)
from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import ADMIN, Shop, ref
from tests.loyalty.test_conversions import turned
from tests.loyalty.test_points import NOTHING, rich


async def freeze(shop: Shop, name: str, reason: str = "fraud", note: str = "") -> Any:
    return await shop.one(MemberFreeze(shop.key(), ref(name), reason, note), caller=ADMIN)


async def freeze_wallet(shop: Shop, name: str, wallet: str = "points", reason: str = "fraud") -> Any:
    return await shop.one(WalletFreeze(shop.key(), ref(name), wallet, reason), caller=ADMIN)


async def row(shop: Shop, name: str, sql: str) -> dict[str, Any]:
    rows: list[Any] = await shop.house.db.rows(sql, await shop.member_id(name))
    return dict(rows[0])


async def test_a_frozen_member_earns_and_spends_nothing(shop: Shop) -> None:
    await rich(shop, "lin", 400)
    await shop.enrol("wang")

    frozen = await freeze(shop, "lin")
    earned = await shop.order("lin", 5000)
    refused = [
        await shop.redeem("lin"),
        await shop.one(PointsTransfer("t", ref("lin"), ref("wang"), "points", 1), caller=ADMIN),
    ]

    assert frozen.changes["freeze"] == {"frozen": True, "reason": "fraud", "changed": True}
    assert (earned.state, [one.code for one in refused]) == ("accepted", ["MEMBER_FROZEN"] * 2)
    assert await shop.wallet("lin") == NOTHING | {"available": 400, "pending": 50}
    assert await shop.wallet("wang") == NOTHING


async def test_whoever_is_let_spend_again_spends(shop: Shop) -> None:
    await rich(shop, "lin", 400)
    await freeze(shop, "lin")

    released = await shop.one(MemberUnfreeze("u", ref("lin"), "it was a mistake"), caller=ADMIN)
    bought = await shop.redeem("lin")

    assert released.changes["freeze"] == {"frozen": False, "reason": None, "changed": True}
    assert bought.state == "accepted"
    sql = "SELECT status, frozen_at, frozen_for FROM members WHERE id = $1"
    assert await row(shop, "lin", sql) == {"status": "active", "frozen_at": None, "frozen_for": None}


async def test_who_froze_whom_and_why_is_in_the_audit(shop: Shop) -> None:
    await shop.enrol("lin")
    await freeze(shop, "lin", "dispute", "card 4711 was reported")
    await freeze_wallet(shop, "lin", reason="legal")

    rows = await shop.house.db.rows(
        "SELECT subject, action, target, before, after, note FROM audit WHERE action LIKE '%freeze' ORDER BY action"
    )

    target = f"member {await shop.member_id('lin')}"
    assert [(one["subject"], one["action"], one["target"], one["note"]) for one in rows] == [
        (ADMIN.subject, "member.freeze", target, "card 4711 was reported"),
        (ADMIN.subject, "wallet.freeze", target, ""),
    ]
    assert parse(rows[0]["after"]) == {"reason": "dispute"}
    assert parse(rows[1]["before"]) == {"wallet": "points", "reason": None}


async def test_a_member_frozen_twice_keeps_its_instant_and_has_the_newer_reason(shop: Shop) -> None:
    await shop.enrol("lin")
    await freeze(shop, "lin", "dispute")
    first = shop.now
    shop.later(days=1)

    again = await freeze(shop, "lin", "fraud")
    same = await freeze(shop, "lin", "fraud")

    sql = "SELECT frozen_at, frozen_for FROM members WHERE id = $1"
    assert (again.changes["freeze"]["changed"], same.changes["freeze"]["changed"]) == (True, False)
    assert await row(shop, "lin", sql) == {"frozen_at": first, "frozen_for": "fraud"}


async def test_nothing_of_a_frozen_wallet_is_spent_and_what_is_earned_comes_in(shop: Shop) -> None:
    await rich(shop, "lin", 400)
    await shop.enrol("wang")
    held = await shop.redeem("lin", hold=True)

    await freeze_wallet(shop, "lin")
    earned = await shop.behave("lin", "review.written", rating=5)
    refused = [
        await shop.redeem("lin"),
        await shop.redeem("lin", hold=True),
        await shop.one(HoldCapture("c", ref("lin"), held.hold_id or 0)),
        await shop.one(PointsTransfer("t", ref("lin"), ref("wang"), "points", 1), caller=ADMIN),
    ]
    given_back = await shop.one(HoldRelease("r", ref("lin"), held.hold_id or 0))

    assert (earned.state, given_back.state) == ("accepted", "accepted")
    assert [one.code for one in refused] == ["WALLET_FROZEN"] * 4
    assert refused[0].params["wallet"] == "points"
    assert await shop.wallet("lin") == NOTHING | {"available": 420}
    assert await shop.wallet("wang") == NOTHING


async def test_a_wallet_that_is_let_go_is_spent_from_again(shop: Shop) -> None:
    await rich(shop, "lin", 400)
    await freeze_wallet(shop, "lin")

    released = await shop.one(WalletUnfreeze("u", ref("lin"), "points"), caller=ADMIN)
    bought = await shop.redeem("lin")

    assert (released.changes["freeze"]["changed"], bought.state) == (True, "accepted")
    assert await shop.wallet("lin") == NOTHING | {"available": 100}


async def test_time_and_returns_and_staff_reach_a_frozen_wallet(shop: Shop) -> None:
    await rich(shop, "lin", 400)
    await shop.order("lin", 10000, "n-1")
    shop.later(days=8)
    await freeze_wallet(shop, "lin")

    back = await shop.one(shop.returned("n-1"))
    corrected = await shop.one(PointsAdjust("a", ref("lin"), "points", -100, "stolen"), caller=ADMIN)

    assert (back.state, corrected.state) == ("accepted", "accepted")
    assert await shop.wallet("lin") == NOTHING | {"available": 300}
    shop.later(days=400)
    await shop.settle("lin")
    assert await shop.wallet("lin") == NOTHING


async def test_what_converts_by_itself_waits_until_the_wallet_is_let_go(db: Database) -> None:
    shop = await turned(db, 10)
    await shop.enrol("lin")
    await freeze_wallet(shop, "lin")
    await shop.behave("lin", "review.written", rating=5)
    kept = await shop.wallet("lin")

    await shop.one(WalletUnfreeze("u", ref("lin"), "points"), caller=ADMIN)

    assert kept == NOTHING | {"available": 20}
    assert await shop.wallet("lin") == NOTHING
    assert await shop.count("entitlements", "benefit = 'coupon-10'") == 2
    await shop.prove()


async def test_what_there_is_not_to_freeze_is_refused(shop: Shop) -> None:
    await shop.enrol("lin")

    nobody = await freeze(shop, "zhao")
    wallet = await freeze_wallet(shop, "lin", "stars")
    reason = await freeze(shop, "lin", "because")
    verifies = await shop.one(MemberFreeze(shop.key(), ref("lin"), "fraud"))

    assert [one.code for one in (nobody, wallet, reason, verifies)] == [
        "MEMBER_UNKNOWN",
        "WALLET_UNKNOWN",
        "REASON_UNKNOWN",
        "FORBIDDEN",
    ]
    assert await row(shop, "lin", "SELECT status FROM members WHERE id = $1") == {"status": "active"}


async def test_a_code_of_a_frozen_member_is_good_again_once_it_may_spend(shop: Shop) -> None:
    await rich(shop, "lin", 400)
    bought = await shop.redeem("lin")
    code = shop.house.secrets.code_of(1, bought.changes["entitlements"][0]["id"])
    await freeze(shop, "lin")

    refused = await shop.one(CodeVerify("v", code, use=True))
    await shop.one(MemberUnfreeze("u", ref("lin")), caller=ADMIN)
    used = await shop.one(CodeVerify("w", code, use=True))

    assert (refused.code, used.state) == ("MEMBER_FROZEN", "accepted")
