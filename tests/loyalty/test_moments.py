"""What the clock brings a member: asked at the right instant, once, as it held then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

import pytest_asyncio

from jobs.worker import Worker
from loyalty.access import Caller
from loyalty.events import ClockMoment, CodeVerify, MemberRef
from loyalty.house import House
from loyalty.publishing import pause
from models.codec import parse
from models.database import Database
from tests.loyalty.conftest import ADMIN, SECRETS, START, Shop, shop_of
from tests.loyalty.moments import MESSAGE, asked, programme
from tests.loyalty.programme import documents

Open = Callable[..., Awaitable[Shop]]
TILL = Caller("client:till", "story", frozenset({"codes:verify"}))
SHANGHAI = timedelta(hours=8)


@pytest_asyncio.fixture
async def opened(db: Database) -> AsyncIterator[Open]:
    """A shop with more documents, as old as the story; its books are proved when the story ends."""
    made: list[Shop] = []

    async def open_shop(**files: Any) -> Shop:
        shop = await shop_of(db, documents(**files))
        await shop.house.db.run("UPDATE programmes SET created_at = $1", START)
        made.append(shop)
        return shop

    yield open_shop
    for shop in made:
        await shop.prove()


def local(text: str) -> datetime:
    """An instant by the clock on the wall."""
    return (datetime.fromisoformat(text) - SHANGHAI).replace(tzinfo=UTC)


async def watch(shop: Shop, until: datetime) -> None:
    shop.now = until
    await Worker(shop.house, "one").tick(until)


async def given(shop: Shop) -> list[str]:
    """When what the clock's policies gave began, by the clock on the wall."""
    sql = "SELECT issued_at FROM entitlements WHERE benefit = 'coupon-10' ORDER BY issued_at, member_id"
    return [f"{row['issued_at'] + SHANGHAI:%Y-%m-%d %H:%M}" for row in await shop.house.db.rows(sql)]


async def told(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    rows = await shop.house.db.rows("SELECT kind, body FROM outbox ORDER BY id")
    return [(row["kind"], parse(row["body"])) for row in rows]


async def republish(shop: Shop, at: datetime, **files: Any) -> None:
    """A new version, live from an instant of the story's."""
    shop.now = at
    await shop.publish(**files)
    sql = "UPDATE versions SET live_from = $1 WHERE number = (SELECT MAX(number) FROM versions)"
    await shop.house.db.run(sql, at)
    shop.house = House(shop.house.db, SECRETS, token_bytes)


async def test_a_birthday_comes_once_a_year_at_the_hour_that_is_said(opened):
    shop = await opened(campaigns__cake=asked("birthday", at="09:30"))
    await shop.enrol("lin", profile={"birthday": "1990-05-20"})
    await shop.enrol("wang")

    await watch(shop, local("2026-05-20T09:29"))
    before = await given(shop)
    await watch(shop, local("2028-01-01T00:00"))

    assert before == []
    assert await given(shop) == ["2026-05-20 09:30", "2027-05-20 09:30"]


async def test_somebody_born_on_29_february_is_asked_on_the_28th_where_there_is_none(opened):
    shop = await opened(campaigns__cake=asked("birthday"))
    await shop.enrol("leap", profile={"birthday": "2000-02-29"})
    await shop.enrol("eve", profile={"birthday": "2000-02-28"})

    await watch(shop, local("2028-03-05T00:00"))

    assert await given(shop) == ["2027-02-28 00:00", "2027-02-28 00:00", "2028-02-28 00:00", "2028-02-29 00:00"]


async def test_days_before_the_month_of_the_birthday(opened):
    shop = await opened(campaigns__cake=asked("birthday", of="month", days_before=3))
    await shop.enrol("lin", profile={"birthday": "1990-05-31"})
    await shop.enrol("wang", profile={"birthday": "1990-06-01"})

    await watch(shop, local("2026-05-28T23:59"))

    assert await given(shop) == ["2026-04-28 00:00"]


async def test_an_anniversary_of_joining_says_which_it_is(opened):
    second = {"name": "anniversary_years", "operator": "equal_to", "value": 2}
    shop = await opened(
        campaigns__years=asked(
            "anniversary",
            conditions=second,
            examples=[
                {"given": {"anniversary_years": 2}, "then": [{"issue": "coupon-10"}]},
                {"given": {"anniversary_years": 1}, "then": []},
            ],
        )
    )
    await shop.enrol("lin")

    await watch(shop, local("2029-03-05T00:00"))

    assert await given(shop) == ["2028-03-02 00:00"]
    assert await shop.count("events", "kind = 'clock.anniversary'") == 3


async def test_a_festival_is_everybodys_so_many_days_before(opened):
    shop = await opened(campaigns__moon=asked("festival", festival="mid-autumn", days_before=7))
    await shop.enrol("lin")
    await watch(shop, local("2026-09-18T00:00"))
    await shop.enrol("late")

    await watch(shop, local("2027-01-01T00:00"))

    assert await given(shop) == ["2026-09-18 00:00"]


async def test_whoever_buys_nothing_for_so_long_is_asked_once(opened):
    shop = await opened(campaigns__back=asked("inactive", after={"days": 30}))
    await shop.enrol("never")
    await shop.order("lin", 10_000)
    shop.later(days=10)
    await shop.order("wang", 10_000)
    shop.later(days=10)
    await shop.order("wang", 10_000)

    await watch(shop, local("2026-06-30T00:00"))

    assert await given(shop) == ["2026-04-01 00:00", "2026-04-01 00:00", "2026-04-21 00:00"]


async def test_a_purchase_of_that_very_morning_is_in_time(opened):
    shop = await opened(campaigns__back=asked("inactive", at="10:00", after={"days": 30}))
    await shop.order("early", 10_000)
    await shop.order("afterwards", 10_000)
    shop.now = local("2026-04-01T09:00")
    await shop.order("early", 10_000)
    shop.now = local("2026-04-01T11:00")
    await shop.order("afterwards", 10_000)

    await watch(shop, local("2026-04-01T12:00"))

    assert await given(shop) == ["2026-04-01 10:00"]


async def test_a_purchase_that_came_back_wholly_is_none(opened):
    shop = await opened(campaigns__back=asked("inactive", after={"months": 1}))
    await shop.order("lin", 10_000)
    shop.later(days=5)
    await shop.order("lin", 10_000, "back")
    shop.later(days=1)
    await shop.one(shop.returned("back"))

    await watch(shop, local("2026-05-30T00:00"))

    assert await given(shop) == ["2026-04-02 00:00"]


async def test_a_period_begins_for_everybody_who_is_there(opened):
    gold = {"tiers": {"at_least": "gold"}}
    example = [
        {"given": {"member_tier": "gold", "tier_grade": "gold"}, "then": [{"issue": "coupon-10"}]},
        {"given": {"member_tier": "normal", "tier_grade": "normal"}, "then": []},
    ]
    shop = await opened(campaigns__box=asked("period", every="quarter", audience=gold, examples=example))
    await shop.order("lin", 200_000)
    await shop.order("wang", 100)

    await watch(shop, local("2026-10-02T00:00"))

    assert await given(shop) == ["2026-04-01 00:00", "2026-07-01 00:00", "2026-10-01 00:00"]


async def test_a_day_the_month_lacks_is_its_last(opened):
    shop = await opened(campaigns__box=asked("period", every="month", day=31))
    await shop.enrol("lin")

    await watch(shop, local("2026-05-01T00:00"))

    assert await given(shop) == ["2026-03-31 00:00", "2026-04-30 00:00"]


async def test_points_about_to_expire_are_told_of_once_and_without_what_was_used(opened):
    shop = await opened(campaigns__soon=asked("points_ending", MESSAGE, days_before=30))
    await shop.order("lin", 50_000)
    await shop.order("spent", 30_000)
    shop.later(days=8)
    await shop.redeem("lin")
    await shop.redeem("spent")

    await watch(shop, local("2027-03-30T00:00"))

    ending = [(kind, body) for kind, body in await told(shop) if kind != "message"]
    assert [kind for kind, _ in ending] == ["points.ending"]
    assert {name: ending[0][1][name] for name in ("wallet", "amount", "last_day", "purpose", "template")} == {
        "wallet": "points",
        "amount": 200,
        "last_day": "2027-03-02",
        "purpose": "service",
        "template": "hello",
    }
    (event,) = await shop.house.db.rows("SELECT instant FROM events WHERE kind = 'clock.points_ending'")
    assert event["instant"] == local("2027-01-31T00:00")


async def test_a_benefit_about_to_end_is_told_of_unless_it_was_used(opened):
    shop = await opened(
        campaigns__cake=asked("birthday"),
        campaigns__soon=asked("benefit_ending", MESSAGE, days_before=7),
    )
    await shop.enrol("lin", profile={"birthday": "1990-03-10"})
    await shop.enrol("used", profile={"birthday": "1990-03-10"})
    await watch(shop, local("2026-03-11T00:00"))
    used = await shop.member_id("used")
    (row,) = await shop.house.db.rows("SELECT id FROM entitlements WHERE member_id = $1", used)
    code = shop.house.secrets.code_of(1, row["id"])
    await shop.one(CodeVerify(shop.key(), code, use=True), caller=TILL)

    await watch(shop, local("2026-05-01T00:00"))

    (only,) = await told(shop)
    assert only[0] == "benefit.ending"
    assert (only[1]["benefit"], only[1]["amount"], only[1]["last_day"]) == ("coupon-10", 1, "2026-04-08")


async def test_a_programme_reminds_by_itself_and_never_twice_of_the_same(opened):
    reminders = {"points": {"days_before": [30]}, "benefits": {"days_before": [7], "at": "10:00"}}
    shop = await opened(
        programme=programme(reminders=reminders),
        campaigns__soon=asked("points_ending", MESSAGE, days_before=30),
        campaigns__cake=asked("birthday"),
    )
    await shop.enrol("lin", profile={"birthday": "1990-03-10"})
    await shop.order("lin", 50_000)

    await watch(shop, local("2027-03-05T00:00"))

    rows = await told(shop)
    assert [(kind, body.get("template")) for kind, body in rows] == [
        ("benefit.ending", None),
        ("points.ending", "hello"),
    ]
    assert len({body["dedup"] for _, body in rows}) == 2


async def test_whoever_joins_later_that_day_is_not_asked(opened):
    shop = await opened(campaigns__cake=asked("birthday"))
    shop.now = local("2026-05-20T08:00")
    await shop.enrol("lin", profile={"birthday": "1990-05-20"})

    await watch(shop, local("2026-05-21T00:00"))

    assert await given(shop) == []
    assert await shop.count("events", "kind = 'clock.birthday'") == 0


async def test_a_policy_published_later_that_day_waits_for_the_next_moment(opened):
    shop = await opened()
    await shop.enrol("lin")
    await watch(shop, local("2026-04-01T00:01"))
    await republish(shop, local("2026-04-01T09:00"), campaigns__box=asked("period", every="month"))

    await watch(shop, local("2026-05-02T00:00"))

    assert await given(shop) == ["2026-05-01 00:00"]


async def test_what_was_missed_before_a_policy_was_withdrawn_is_made_up_for(opened):
    shop = await opened(campaigns__box=asked("period", every="week"))
    await shop.enrol("lin")
    await watch(shop, local("2026-03-09T00:00"))
    await republish(shop, local("2026-03-20T09:00"))

    await watch(shop, local("2026-06-01T00:00"))

    assert await given(shop) == ["2026-03-09 00:00", "2026-03-16 00:00"]


async def test_a_policy_that_comes_sooner_is_not_kept_waiting_by_one_that_comes_later(opened):
    shop = await opened(campaigns__box=asked("period", every="year"))
    await shop.enrol("lin")
    await watch(shop, local("2026-03-20T00:00"))
    await republish(shop, local("2026-03-20T09:00"), campaigns__box=asked("period", every="week"))

    await watch(shop, local("2026-03-24T00:00"))

    assert await given(shop) == ["2026-03-23 00:00"]


async def test_a_policy_that_is_paused_at_its_moment_has_missed_it(opened):
    shop = await opened(campaigns__box=asked("period", every="week"))
    await shop.enrol("lin")
    await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "campaigns/box")
    await watch(shop, local("2026-03-10T00:00"))

    assert await given(shop) == []
    assert await shop.count("events", "kind = 'clock.period'") == 0


async def test_a_member_who_is_no_candidate_is_asked_in_vain(opened):
    shop = await opened(campaigns__cake=asked("birthday"))
    await shop.enrol("lin", profile={"birthday": "1990-05-20"})
    member, due = await shop.member_id("lin"), local("2026-05-21T00:00")
    shop.now = due

    await shop.one(ClockMoment("clock:birthday:x", MemberRef(id=member), "clock.birthday", due))
    await shop.one(ClockMoment("clock:gone:x", MemberRef(id=member), "clock.birthday:before=3", due))

    assert await given(shop) == []


async def test_a_gift_that_was_missed_comes_with_its_own_instant(opened):
    shop = await opened(campaigns__cake=asked("birthday"))
    await shop.enrol("lin", profile={"birthday": "1990-05-20"})
    shop.now = local("2026-05-22T12:00")
    await shop.order("lin", 10_000)  # The worker stood still, and the books went on.

    await watch(shop, local("2026-06-20T12:00"))

    (row,) = await shop.house.db.rows("SELECT issued_at, expires_at, state FROM entitlements")
    assert (row["issued_at"], row["expires_at"]) == (local("2026-05-20T00:00"), local("2026-06-19T00:00"))
    assert row["state"] == "expired"


PROFILE = {
    "dates": {"wedding": {"title": {"en": "Wedding day", "zh-CN": "结婚纪念日"}}},
    "preferences": {
        "drink": {
            "title": {"en": "Drink", "zh-CN": "饮品"},
            "options": {"tea": {"en": "Tea", "zh-CN": "茶"}, "coffee": {"en": "Coffee", "zh-CN": "咖啡"}},
        }
    },
}


async def test_a_day_that_a_member_has_said_comes_round_every_year(opened):
    shop = await opened(
        programme=programme(profile=PROFILE), campaigns__wedding=asked("anniversary", date="wedding", days_before=1)
    )
    await shop.enrol("lin", profile={"wedding": "2015-10-01"})
    await shop.enrol("wang", profile={"birthday": "2015-10-01"})

    await watch(shop, local("2027-10-05T00:00"))

    assert await given(shop) == ["2026-09-30 00:00", "2027-09-30 00:00"]


async def test_whose_birthday_was_is_told_again_when_the_person_is_gone(opened):
    shop = await opened(
        programme=programme(profile=PROFILE),
        campaigns__cake=asked("birthday"),
        campaigns__wedding=asked("anniversary", date="wedding"),
    )
    await shop.enrol("lin", profile={"birthday": "1990-05-20", "wedding": "2015-10-01"})
    await watch(shop, local("2026-10-05T00:00"))

    await shop.house.db.run("DELETE FROM member_dates")
    await shop.house.db.run("DELETE FROM personal")

    assert await given(shop) == ["2026-05-20 00:00", "2026-10-01 00:00"]
    await shop.prove()


async def test_a_benefit_is_chosen_by_what_a_member_prefers(opened):
    params = {
        "by": "member_preferences",
        "choices": [
            {"value": "drink.tea", "benefit": "coupon-10"},
            {"value": "drink.coffee", "benefit": "gold-pack"},
        ],
    }
    example = [
        {"given": {"member_preferences": ["drink.coffee", "drink.tea"]}, "then": [{"issue": "coupon-10"}]},
        {"given": {"member_preferences": []}, "then": []},
    ]
    shop = await opened(
        programme=programme(profile=PROFILE),
        campaigns__box=asked("period", ("issue_benefit_by_choice", params), every="month", examples=example),
    )
    for name, drinks in (("tea", ("tea",)), ("coffee", ("coffee",)), ("both", ("coffee", "tea")), ("none", ())):
        await shop.enrol(name, preferences={"drink": drinks})

    await watch(shop, local("2026-04-02T00:00"))

    rows = await shop.house.db.rows("SELECT member_id, benefit FROM entitlements ORDER BY member_id")
    ids = {await shop.member_id(name): name for name in ("tea", "coffee", "both", "none")}
    assert [(ids[row["member_id"]], row["benefit"]) for row in rows] == [
        ("tea", "coupon-10"),
        ("coffee", "gold-pack"),
        ("both", "coupon-10"),
    ]
