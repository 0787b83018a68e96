"""Two accounts of one person become one: nothing lost, nothing twice, and both logs fold again to the same books."""

import asyncio
from dataclasses import replace

import pytest

from loyalty import consents
from loyalty.events import (
    CodeVerify,
    HoldCapture,
    MemberAbsorbed,
    MemberChanged,
    MemberFreeze,
    MemberRef,
    MembersMerge,
    PointsAdjust,
    PointsReceived,
    ProfileChanged,
    WalletFreeze,
)
from loyalty.handlers import HANDLERS
from loyalty.intake import take_queued
from loyalty.receipts import Receipt
from loyalty.verify import verify
from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import ADMIN, POS, Shop, back, lines, ref, shop_of
from tests.loyalty.programme import FILES, documents
from tests.loyalty.test_points import NOTHING, rich

EVERYTHING = replace(ADMIN, scopes=ADMIN.scopes | POS.scopes)


async def merge(shop: Shop, gone: str, into: str, key: str = "") -> Receipt:
    wish = MembersMerge(key or shop.key(), ref(gone), ref(into), "one person, two phones")
    return await shop.one(wish, caller=ADMIN)


async def two(shop: Shop) -> tuple[int, int]:
    """Lin, whose account goes on in Wang's."""
    await shop.enrol("lin")
    await shop.enrol("wang")
    return await shop.member_id("lin"), await shop.member_id("wang")


async def wallet(shop: Shop, member: int, key: str = "points") -> dict[str, int]:
    sql = "SELECT pending, available, held, owed FROM wallets WHERE member_id = $1 AND wallet = $2"
    rows = await shop.house.db.rows(sql, member, key)
    return {name: int(value) for name, value in rows[0].items()} if rows else NOTHING


async def test_names_points_and_orders_are_the_survivors(shop: Shop) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    await rich(shop, "wang", 50)
    await shop.order("lin", 10000)

    merged = await merge(shop, "lin", "wang")

    assert merged.changes["merged"] == {"into": wang}
    assert (await shop.member_id("lin"), await shop.member_id("wang")) == (wang, wang)
    assert await wallet(shop, wang) == NOTHING | {"available": 350, "pending": 100}
    assert await wallet(shop, lin) == NOTHING
    (row,) = await shop.house.db.rows("SELECT status, merged_into FROM members WHERE id = $1", lin)
    assert row == {"status": "merged", "merged_into": wang}
    (row,) = await shop.house.db.rows("SELECT orders FROM members WHERE id = $1", wang)
    assert row == {"orders": 3}
    assert await shop.count("events", "kind = 'member.absorbed' AND state = 'accepted' AND caused_by IS NOT NULL") == 1


async def test_points_live_as_long_as_they_had_left_to_live(shop: Shop) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    sql = "SELECT expires_at FROM lots WHERE member_id = $1 AND wallet = 'points' AND remaining > 0"
    before = await shop.house.db.rows(sql, lin)
    shop.later(days=100)

    await merge(shop, "lin", "wang")

    assert await shop.house.db.rows(sql, wang) == before
    shop.later(days=280)
    await shop.settle("wang")
    assert await wallet(shop, wang) == NOTHING


async def test_an_order_of_the_old_account_comes_back_from_the_survivor(shop: Shop) -> None:
    _, wang = await two(shop)
    await shop.order("lin", 30000, "n-1", lines=lines(10000, 20000))
    shop.later(days=8)
    await rich(shop, "wang", 40)
    await merge(shop, "lin", "wang")

    part = await shop.one(shop.returned("n-1", "r-1", lines=back((0, 1))))
    assert (part.state, part.member_id) == ("accepted", wang)
    assert await wallet(shop, wang) == NOTHING | {"available": 240}

    rest = await shop.one(shop.returned("n-1", "r-2"))
    again = await shop.one(shop.returned("n-1", "r-3"))
    assert (rest.state, again.code) == ("accepted", "RETURN_EXCEEDS")
    assert await wallet(shop, wang) == NOTHING | {"available": 40}
    (row,) = await shop.house.db.rows("SELECT orders FROM members WHERE id = $1", wang)
    assert row == {"orders": 1}


async def test_what_was_spent_before_the_merge_is_owed_after_it(shop: Shop) -> None:
    _, wang = await two(shop)
    await shop.order("lin", 30000, "n-1")
    shop.later(days=8)
    await shop.redeem("lin")
    await merge(shop, "lin", "wang")

    cancelled = await shop.one(shop.cancelled("n-1"))

    assert cancelled.state == "accepted"
    assert await wallet(shop, wang) == NOTHING | {"owed": 300}


async def test_points_burnt_on_an_order_come_back_to_the_survivor(shop: Shop) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    await shop.order("lin", 10000, "n-1")
    await shop.redeem("lin", order_number="n-1")
    await merge(shop, "lin", "wang")
    assert await wallet(shop, wang) == NOTHING | {"pending": 100}

    await shop.one(shop.returned("n-1"))

    assert await wallet(shop, wang) == NOTHING | {"available": 300}
    assert await wallet(shop, lin) == NOTHING


async def test_a_debt_goes_along_and_is_paid_by_what_the_survivor_has(shop: Shop) -> None:
    _, wang = await two(shop)
    await shop.order("lin", 30000, "n-1")
    shop.later(days=8)
    await shop.redeem("lin")
    await shop.one(shop.returned("n-1"))
    await rich(shop, "wang", 500)

    await merge(shop, "lin", "wang")

    assert await wallet(shop, wang) == NOTHING | {"available": 200}


async def test_what_was_held_is_given_back_and_goes_along(shop: Shop) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    held = await shop.redeem("lin", hold=True)

    await merge(shop, "lin", "wang")
    captured = await shop.one(HoldCapture("c", MemberRef(id=lin), held.hold_id or 0))

    assert captured.code == "NOT_FOUND"
    assert await wallet(shop, wang) == NOTHING | {"available": 300}
    assert await shop.count("entitlements", "state = 'reserved'") == 0


async def test_a_code_of_the_old_account_still_works_once(shop: Shop) -> None:
    _, wang = await two(shop)
    await rich(shop, "lin", 300)
    bought = await shop.redeem("lin")
    code = shop.house.secrets.code_of(1, bought.changes["entitlements"][0]["id"])
    await merge(shop, "lin", "wang")

    used = await shop.one(CodeVerify("v", code, use=True))
    again = await shop.one(CodeVerify("w", code, use=True))

    assert (used.state, used.member_id, again.code) == ("accepted", wang, "CODE_USED")


async def test_a_used_code_that_is_shown_as_its_account_is_merged_stays_with_what_it_brought(shop: Shop) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    bought = await shop.redeem("lin")
    code = shop.house.secrets.code_of(1, bought.changes["entitlements"][0]["id"])
    await shop.one(CodeVerify("v", code, use=True))
    wish = MembersMerge("m", MemberRef(id=lin), MemberRef(id=wang), "one person")

    shown, merged = await shop.send(CodeVerify("w", code, use=True), wish, caller=EVERYTHING)

    assert (shown.code, merged.state) == ("CODE_USED", "accepted")
    assert await shop.count("codes", f"member_id = {lin}") == 1


async def test_the_higher_level_counts_and_says_why(shop: Shop) -> None:
    _, wang = await two(shop)
    await shop.order("lin", 100000)
    assert (await shop.tier("lin"), await shop.tier("wang")) == ("gold", "normal")

    await merge(shop, "lin", "wang")

    assert await shop.tier("wang") == "gold"
    sql = "SELECT tier_to, reason FROM standing_moves WHERE member_id = $1 ORDER BY position, id"
    moves = [(row["tier_to"], row["reason"]) for row in await shop.house.db.rows(sql, wang)]
    assert moves == [("normal", "enrolled"), ("gold", "merged")]
    assert await shop.count("entitlements", f"benefit = 'gold-pack' AND state = 'issued' AND member_id = {wang}") == 1


async def test_what_neither_reached_alone_both_reach_together(shop: Shop) -> None:
    _, wang = await two(shop)
    await shop.order("lin", 60000)
    await shop.order("wang", 60000)

    await merge(shop, "lin", "wang")

    assert await shop.tier("wang") == "gold"
    assert await shop.count("entitlements", f"benefit = 'gold-pack' AND state = 'issued' AND member_id = {wang}") == 1


async def test_what_was_used_of_a_cap_is_used(shop: Shop) -> None:
    _, wang = await two(shop)
    for _ in range(2):
        await shop.behave("lin", "review.written", rating=5)
    await shop.behave("wang", "review.written", rating=5)

    await merge(shop, "lin", "wang")
    capped = await shop.behave("wang", "review.written", rating=5)

    assert capped.state == "accepted"
    assert await wallet(shop, wang) == NOTHING | {"available": 60}


async def test_events_by_the_old_number_are_the_survivors(shop: Shop) -> None:
    lin, wang = await two(shop)
    await merge(shop, "lin", "wang")

    bought = await shop.one(shop.paid("lin", 10000))
    adjusted = await shop.one(PointsAdjust("a", MemberRef(id=lin), "points", 5, "sorry"), caller=ADMIN)
    merged_again = await shop.one(MembersMerge("m", MemberRef(id=lin), MemberRef(id=wang), "again"), caller=ADMIN)

    assert (bought.member_id, adjusted.member_id) == (wang, wang)
    assert merged_again.code == "MEMBER_MERGED"
    assert await wallet(shop, wang) == NOTHING | {"available": 5, "pending": 100}
    assert await wallet(shop, lin) == NOTHING


async def test_a_late_order_of_the_old_account_ends_right(shop: Shop) -> None:
    _, wang = await two(shop)
    start = shop.now
    shop.later(days=10)
    await merge(shop, "lin", "wang")

    late = await shop.order("lin", 10000, "n-late", occurred_at=start)
    await shop.one(shop.returned("n-late"))

    assert (late.member_id, late.late) == (wang, True)
    assert await wallet(shop, wang) == NOTHING


async def test_a_chain_of_merges_ends_where_it_ends(shop: Shop) -> None:
    lin, wang = await two(shop)
    await shop.enrol("zhao")
    zhao = await shop.member_id("zhao")
    await shop.order("lin", 30000, "n-1")
    await merge(shop, "lin", "wang")
    await shop.order("wang", 10000, "n-2")
    await merge(shop, "wang", "zhao")
    shop.later(days=8)
    await shop.settle("zhao")
    assert await wallet(shop, zhao) == NOTHING | {"available": 400}

    first = await shop.one(shop.returned("n-1"))
    old = await shop.one(PointsAdjust("a", MemberRef(id=lin), "points", 7, "sorry"), caller=ADMIN)

    assert (first.member_id, old.member_id) == (zhao, zhao)
    assert await wallet(shop, zhao) == NOTHING | {"available": 107}
    assert (await wallet(shop, lin), await wallet(shop, wang)) == (NOTHING, NOTHING)


async def test_consents_are_as_strict_as_the_stricter(db: Database) -> None:
    shop = await shop_of(db, documents(programme=WITH_CONSENTS))
    _, wang = await two(shop)
    says = [("lin", {"marketing": True, "profiling": False}), ("wang", {"marketing": False, "profiling": True})]
    for name, said in says:
        await shop.one(MemberChanged(shop.key(), ref(name), shop.now, consents=said, add_tags=(name,)))

    await merge(shop, "lin", "wang")

    (row,) = await shop.house.db.rows("SELECT tags, consents FROM traits WHERE member_id = $1", wang)
    assert parse(row["consents"]) == {"marketing": False, "profiling": False}
    assert parse(row["tags"]) == ["lin", "wang"]
    await shop.prove()


@pytest.mark.parametrize(
    ("own", "other", "both"),
    [
        ({"ads": True, "ads/sms": True}, {"ads": False}, {"ads": False, "ads/sms": False}),
        ({"ads": False}, {"ads": True, "ads/sms": True}, {"ads": False, "ads/sms": False}),
        (
            {"ads": True, "ads/sms": False, "ads/mail": True},
            {"ads": True},
            {"ads": True, "ads/sms": False, "ads/mail": True},
        ),
        (
            {"ads": False, "ads/sms": False},
            {"ads": True, "ads/mail": True},
            {"ads": True, "ads/sms": False, "ads/mail": True},
        ),
        ({}, {"ads": True}, {"ads": True}),
        ({"ads": True}, {"ads": False}, {"ads": False}),
    ],
)
def test_a_refusal_counts_before_all_for_a_channel_and_for_all_of_them(
    own: dict[str, bool], other: dict[str, bool], both: dict[str, bool]
) -> None:
    assert consents.stricter(own, other) == both


async def test_days_that_come_round_are_found_with_the_survivor(db: Database) -> None:
    dates = {"wedding": {"title": {"en": "Wedding day", "zh-CN": "结婚纪念日"}}}
    shop = await shop_of(db, documents(programme=FILES["programme"] | {"profile": {"dates": dates}}))
    _, wang = await two(shop)
    await shop.one(ProfileChanged(shop.key(), ref("lin"), shop.now, {"wedding": "2020-05-20"}))

    await merge(shop, "lin", "wang")

    rows = await shop.house.db.rows("SELECT member_id, kind, month_day FROM member_dates")
    assert rows == [{"member_id": wang, "kind": "wedding", "month_day": 520}]
    (row,) = await shop.house.db.rows("SELECT filled FROM personal WHERE member_id = $1", wang)
    assert parse(row["filled"]) == ["wedding"]
    await shop.prove()


@pytest.mark.parametrize("which", ["lin", "wang"])
async def test_who_is_frozen_is_not_merged(shop: Shop, which: str) -> None:
    await two(shop)
    await rich(shop, "lin", 300)
    await shop.one(MemberFreeze("f", ref(which), "fraud"), caller=ADMIN)

    refused = await merge(shop, "lin", "wang")

    assert refused.code == "MEMBER_FROZEN"
    assert await shop.wallet("lin") == NOTHING | {"available": 300}


async def test_a_frozen_wallet_stays_frozen(shop: Shop) -> None:
    await two(shop)
    await rich(shop, "lin", 300)
    await shop.one(WalletFreeze("f", ref("lin"), "points", "dispute"), caller=ADMIN)

    await merge(shop, "lin", "wang")

    assert (await shop.redeem("wang")).code == "WALLET_FROZEN"
    assert await shop.wallet("wang") == NOTHING | {"available": 300}


async def test_what_cannot_be_merged_is_said(shop: Shop) -> None:
    lin, _ = await two(shop)

    itself = await merge(shop, "lin", "lin")
    nobody = await merge(shop, "lin", "zhao")
    service = await shop.one(MembersMerge("m", ref("lin"), ref("wang"), "why not"))

    assert [one.code for one in (itself, nobody, service)] == ["SAME_MEMBER", "MEMBER_UNKNOWN", "FORBIDDEN"]
    (row,) = await shop.house.db.rows("SELECT status FROM members WHERE id = $1", lin)
    assert row == {"status": "active"}


async def test_the_same_merge_twice_is_one(shop: Shop) -> None:
    _, wang = await two(shop)
    await rich(shop, "lin", 300)

    by_id = MembersMerge("m", MemberRef(id=await shop.member_id("lin")), MemberRef(id=wang), "twins")
    first = await shop.one(by_id, caller=ADMIN)
    again = await shop.one(by_id, caller=ADMIN)

    assert (again.replayed, again.event_id) == (True, first.event_id)
    assert await wallet(shop, wang) == NOTHING | {"available": 300}


async def test_two_that_are_merged_into_each_other_at_once_have_one_survivor(shop: Shop) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    await rich(shop, "wang", 50)

    def wish(key: str, gone: int, into: int) -> MembersMerge:
        return MembersMerge(key, MemberRef(id=gone), MemberRef(id=into), "one person")

    answers = await asyncio.gather(
        shop.one(wish("a", lin, wang), caller=ADMIN), shop.one(wish("b", wang, lin), caller=ADMIN)
    )

    assert sorted(one.code or one.state for one in answers) == ["MEMBER_MERGED", "accepted"]
    (row,) = await shop.house.db.rows("SELECT id FROM members WHERE status = 'active'")
    assert await wallet(shop, int(row["id"])) == NOTHING | {"available": 350}


class Killed(BaseException):
    """The process ends here."""


def killed(*_: object) -> None:
    raise Killed


async def test_a_process_that_is_killed_in_between_has_merged_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)

    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, MemberAbsorbed, killed)
        with pytest.raises(Killed):
            await merge(shop, "lin", "wang", key="m")
    assert (await wallet(shop, lin), await wallet(shop, wang)) == (NOTHING | {"available": 300}, NOTHING)
    merged = await merge(shop, "lin", "wang", key="m")

    assert (merged.state, merged.replayed) == ("accepted", False)
    assert await wallet(shop, wang) == NOTHING | {"available": 300}


async def test_the_other_side_that_meets_a_defect_is_taken_up_later(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, wang = await two(shop)
    await rich(shop, "lin", 300)
    await shop.order("lin", 10000, "n-1")

    with monkeypatch.context() as broken:
        broken.setitem(HANDLERS, MemberAbsorbed, lambda *_: 1 // 0)
        await merge(shop, "lin", "wang")
    assert "TRANSIT" not in {one.code for one in (await verify(shop.house.db, 1)).findings}  # On its way is not lost.
    assert (await wallet(shop, lin), await wallet(shop, wang)) == (NOTHING, NOTHING)
    await rich(shop, "wang", 7)
    taken = [await take_queued(shop.house, "story", now=shop.now) for _ in range(2)]

    assert taken == [1, 0]
    await shop.settle("wang")
    assert await wallet(shop, wang) == NOTHING | {"available": 407}
    await shop.one(shop.returned("n-1"))
    assert await wallet(shop, wang) == NOTHING | {"available": 307}


async def test_the_log_keeps_no_name(shop: Shop) -> None:
    await two(shop)
    await merge(shop, "lin", "wang")

    rows = await shop.house.db.rows("SELECT body FROM events")

    assert not any('"lin"' in row["body"] or '"wang"' in row["body"] for row in rows)
    assert PointsReceived.kind not in {row["body"] for row in rows}


WITH_CONSENTS = FILES["programme"] | {"consents": ["marketing", "profiling"]}
