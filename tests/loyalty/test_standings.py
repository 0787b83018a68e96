"""What becomes of standings: reviews of one's own, falls and what bounds them, policies, and ladders that change."""

import json
from datetime import timedelta
from typing import Any

from loyalty import outlook, prospects, views
from loyalty.events import ClockReview, MemberRef
from loyalty.publishing import publish
from loyalty.views import Account
from models.database import Database
from rules import tier_words
from tests.loyalty.conftest import ADMIN
from tests.loyalty.ladders import YEAR_AFTER, Story, least, level, programme, story, told

MET = {"to": "met"}
GOLD = (level("base"), level("silver", "500.00"), level("gold", "1000.00"))
MESSAGE = {"name": "send_message", "params": {"template": "told"}}


async def messages(shop: Any) -> list[dict[str, Any]]:
    """What was told: the facts of each decision on a standing."""
    rows = await shop.house.db.rows(
        "SELECT read FROM decisions WHERE kind IN ('tier.reviewed', 'tier.changed') ORDER BY id"
    )
    return [json.loads(row["read"])["facts"] for row in rows]


async def test_three_calendar_months_from_registration_end_on_the_first_of_april(db: Database) -> None:
    files = programme(
        level("silver", review={"months": 3, "from": "joined", "aligned": "month"}),
        level("jade", "250.00", review={"months": 12, "from": "reached"}),
        demotion={"to": "one_level"},
        files={"campaigns/told": told("tier.reviewed", MESSAGE, "same", tier_to="silver")},
    )
    async with story(db, files, "2021-01-10") as at:
        await at.shop.enrol("lin")
        assert (await at.standing("lin"))["review_at"] == "2021-04-01T00:00"

        await at.tick("2021-03-31T23:59")
        assert await at.shop.count("outbox", "kind = 'message'") == 0
        await at.tick("2021-04-01T00:00")

        assert await at.shop.count("outbox", "kind = 'message'") == 1
        assert await at.tier("lin") == "silver"
        assert await at.moves("lin") == []
        assert (await at.standing("lin"))["review_at"] == "2021-07-01T00:00"
        assert (await messages(at.shop))[0]["tier_direction"] == "same"


async def test_jade_is_looked_at_a_year_after_it_was_reached(db: Database) -> None:
    files = programme(
        level("silver"),
        level("jade", "250.00", review={"months": 12, "from": "reached"}),
        demotion={"to": "one_level"},
    )
    async with story(db, files, "2021-03-15") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 25_000)
        assert (await at.standing("lin"))["review_at"] == "2022-03-15T12:00"

        await at.tick("2022-03-15T12:00")

        assert await at.moves("lin") == [
            ("jade", "reached", "2021-03-15T12:00"),
            ("silver", "review", "2022-03-15T12:00"),
        ]
        assert (await at.standing("lin"))["review_at"] is None


async def test_5_stars_make_jade_and_25_make_gold(db: Database) -> None:
    earned = {"title": {"en": "Stars", "zh-CN": "星星"}, "sum": "earned", "over": {"days": 365}}
    files = programme(
        level("silver"), level("jade", least("stars_year", "5")), level("gold", least("stars_year", "25"))
    )
    files["programme"]["metrics"]["stars_year"] = earned
    files["earn/base"]["actions"][0]["params"] |= {"per": "50.00"}
    files["earn/base"]["examples"][0] = {"given": {"order_paid": "50.00"}, "then": [{"earn": "points", "points": 1}]}
    async with story(db, files, "2015-06-01") as at:
        await at.shop.enrol("lin")
        for amount, tier in ((24_999, "silver"), (5_000, "jade"), (95_000, "jade"), (5_000, "gold")):
            await at.shop.order("lin", amount)
            assert await at.tier("lin") == tier


async def test_a_review_at_new_year_counts_the_year_that_has_just_ended(db: Database) -> None:
    files = programme(*GOLD, review={"every": "year"}, demotion=MET)
    async with story(db, files, "2020-05-05") as at:
        for name, amount in (("lin", 100_000), ("wang", 100_000)):
            await at.shop.enrol(name)
            await at.shop.order(name, amount)
        await at.tick("2021-02-01")
        assert (await at.tier("lin"), await at.tier("wang")) == ("gold", "gold")
        await at.shop.order("wang", 50_000)

        await at.tick("2022-01-01T00:00")

        assert (await at.tier("lin"), await at.tier("wang")) == ("base", "silver")


async def test_keeping_costs_less_than_reaching(db: Database) -> None:
    levels = (level("base"), level("gold", "1000.00", keep=least("spend_year", "600.00")))
    async with story(db, programme(*levels, status=YEAR_AFTER, demotion=MET), "2020-05-05") as at:
        for name, next_year in (("lin", 60_000), ("wang", 59_999)):
            await at.shop.enrol(name)
            await at.shop.order(name, 100_000)
            at.go("2021-05-05")
            await at.shop.order(name, next_year)
            at.go("2020-05-05")

        await at.tick("2022-01-01")

        assert (await at.tier("lin"), await at.ends("lin")) == ("gold", "2023-01-01T00:00")
        assert await at.tier("wang") == "base"


async def test_one_falls_once_in_so_many_months(db: Database) -> None:
    levels = (level("base"), level("a", least("orders_60d", 1)), level("b", least("orders_60d", 2)))
    demotion = {"to": "one_level", "at_most": {"times": 1, "months": 6}}
    async with story(db, programme(*levels, review={"every": "month"}, demotion=demotion), "2020-01-15") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100)
        await at.shop.order("lin", 100)

        await at.tick("2021-01-01T00:00")

        assert await at.moves("lin") == [
            ("a", "reached", "2020-01-15T12:00"),
            ("b", "reached", "2020-01-15T12:00"),
            ("a", "review", "2020-04-01T00:00"),
            ("base", "review", "2020-10-01T00:00"),
        ]


async def test_twice_in_a_year_at_most(db: Database) -> None:
    keys = ("a", "b", "c", "d")
    levels = (level("base"), *(level(key, least("orders_60d", number + 1)) for number, key in enumerate(keys)))
    demotion = {"to": "one_level", "at_most": {"times": 2, "months": 12}}
    async with story(db, programme(*levels, review={"every": "month"}, demotion=demotion), "2020-01-15") as at:
        await at.shop.enrol("lin")
        for _ in range(4):
            await at.shop.order("lin", 100)

        await at.tick("2021-08-01T00:00")

        falls = [(to, when) for to, why, when in await at.moves("lin") if why == "review"]
        assert falls == [
            ("c", "2020-04-01T00:00"),
            ("b", "2020-05-01T00:00"),
            ("a", "2021-04-01T00:00"),
            ("base", "2021-05-01T00:00"),
        ]


async def test_an_end_waits_for_the_condition_and_then_for_another_term(db: Database) -> None:
    demotion = {"to": "lowest", "when": least("days_since_order", 90)}
    files = programme(*GOLD, status=YEAR_AFTER, demotion=demotion)
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        at.go("2021-12-12")
        await at.shop.order("lin", 100)

        await at.tick("2022-01-01")
        assert (await at.tier("lin"), await at.ends("lin")) == ("gold", "2023-01-01T00:00")
        await at.tick("2023-01-01")
        assert await at.tier("lin") == "base"


def on_app(name: str, **params: Any) -> dict[str, Any]:
    """Opening the app does something to the standing."""
    return acts("app.opened", name, **params)


def acts(kind: str, name: str, condition: Any = None, **params: Any) -> dict[str, Any]:
    printed = {name: "grade"} | params
    quiet = {"given": {"today": "1999-01-01"}, "then": []}
    more = {"conditions": condition} if condition else {}
    return {
        "title": {"en": "Acts", "zh-CN": "动作"},
        "on": [kind],
        "valid": {"from": "2000-01-01"},
        "actions": [{"name": name, "params": params}],
        "examples": [{"given": {"order_paid": "88.88"} if condition else {}, "then": [printed]}, quiet],
        **more,
    }


async def test_a_policy_moves_up_and_down_and_is_followed(db: Database) -> None:
    files = programme(
        *GOLD,
        status=YEAR_AFTER,
        demotion=MET,
        files={
            "campaigns/up": on_app("move_tier", to="gold"),
            "campaigns/told": told("tier.changed", MESSAGE, "up", tier_to="gold"),
        },
    )
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")

        first = await at.shop.behave("lin", "app.opened")
        again = await at.shop.behave("lin", "app.opened")

        assert first.changes["tiers"] == [{"ladder": "grade", "from": "base", "to": "gold"}]
        assert "tiers" not in again.changes
        assert await at.moves("lin") == [("gold", "policy", "2020-05-05T12:00")]
        assert await at.ends("lin") == "2022-01-01T00:00"
        assert await at.shop.count("outbox", "kind = 'message'") == 1


async def test_a_level_that_an_order_s_policy_gave_goes_with_the_order(db: Database) -> None:
    bought = {"name": "order_paid", "operator": "equal_to", "value": "88.88"}
    files = programme(
        *GOLD,
        status=YEAR_AFTER,
        demotion=MET,
        files={
            "campaigns/a-up": acts("order.paid", "move_tier", bought, to="gold"),
            "campaigns/grace": acts("order.paid", "extend_tier", bought, by={"months": 6}),
            "campaigns/safe": acts("order.paid", "protect_tier", bought, **{"for": {"months": 1}}),
        },
    )
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 50_000)
        before = await at.standing("lin")
        at.go("2020-06-06")
        await at.shop.order("lin", 8_888, "X1")
        lifted = await at.standing("lin")
        assert (lifted["tier"], lifted["ends_at"], lifted["protected_at"]) == (
            "gold",
            "2022-07-01T00:00",
            "2020-07-06T12:00",
        )

        await at.shop.one(at.shop.returned("X1", amount=4_000))
        assert await at.tier("lin") == "gold"
        await at.shop.one(at.shop.returned("X1", "r2"))

        after = await at.standing("lin")
        assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}


KEPT = ("tier", "rank", "since", "ends_at", "protected_at", "promises", "rises", "review_at", "demoted_at", "due_at")


async def test_a_protection_holds_through_an_end_and_no_longer(db: Database) -> None:
    files = programme(
        *GOLD,
        status=YEAR_AFTER,
        demotion=MET,
        files={"campaigns/safe": on_app("protect_tier", **{"for": {"days": 40}})},
    )
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        await at.tick("2021-12-12")
        await at.shop.behave("lin", "app.opened")

        await at.tick("2022-01-15")
        assert await at.tier("lin") == "gold"
        await at.tick("2022-01-21T12:00")
        assert (await at.moves("lin"))[-1] == ("base", "ended", "2022-01-21T12:00")


async def test_an_end_is_put_off(db: Database) -> None:
    files = programme(
        *GOLD, status=YEAR_AFTER, demotion=MET, files={"campaigns/grace": on_app("extend_tier", by={"months": 3})}
    )
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        nothing = await at.shop.behave("lin", "app.opened")  # The lowest level has no end.
        await at.shop.order("lin", 100_000)
        await at.shop.behave("lin", "app.opened")

        assert nothing.state == "accepted"
        assert await at.ends("lin") == "2022-04-01T00:00"
        await at.tick("2022-04-01")
        assert await at.tier("lin") == "base"


async def test_upgrades_at_reviews_come_at_reviews(db: Database) -> None:
    files = programme(*GOLD, upgrade="at_reviews", review={"every": "year"}, demotion=MET)
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        assert await at.tier("lin") == "base"

        await at.tick("2021-01-01")
        assert await at.moves("lin") == [("gold", "reached", "2021-01-01T00:00")]
        await at.tick("2022-01-01")
        assert await at.tier("lin") == "base"


async def test_an_end_and_a_review_at_one_instant_are_one(db: Database) -> None:
    files = programme(
        level("base"),
        level("silver", "500.00", status={"never": True}),
        level("gold", "1000.00"),
        status=YEAR_AFTER,
        review={"every": "year"},
        demotion={"to": "one_level"},
        files={"campaigns/told": told("tier.reviewed", MESSAGE, "down")},
    )
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)

        at.go("2022-01-01T00:00")
        await at.shop.review("lin")  # Which settles the end first.

        assert [move[0] for move in await at.moves("lin")] == ["gold", "silver"]
        assert await at.shop.count("outbox", "kind = 'message'") == 1
        await at.tick("2023-01-01")
        assert await at.tier("lin") == "base"
        assert await at.shop.count("outbox", "kind = 'message'") == 2


async def test_a_renewal_goes_with_the_order_that_brought_it(db: Database) -> None:
    files = programme(*GOLD, status=YEAR_AFTER, demotion=MET)
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        before = await at.standing("lin")
        at.go("2021-12-30")
        await at.shop.order("lin", 100_000, "R1")
        assert await at.ends("lin") == "2023-01-01T00:00"

        await at.tick("2022-02-02")
        assert await at.tier("lin") == "gold"
        await at.shop.one(at.shop.returned("R1"))

        assert before["ends_at"] == "2022-01-01T00:00"
        assert await at.moves("lin") == [("gold", "reached", "2020-05-05T12:00"), ("base", "ended", "2022-02-02T12:00")]


async def test_a_rise_taken_back_leaves_the_dates_as_they_were(db: Database) -> None:
    files = programme(
        level("base"),
        level("silver", "500.00", review={"months": 5, "from": "reached"}),
        level("gold", "1000.00"),
        status=YEAR_AFTER,
        demotion=MET,
    )
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 50_000)
        before = await at.standing("lin")
        at.go("2020-06-06")
        await at.shop.order("lin", 50_000, "G1")
        assert (await at.standing("lin"))["review_at"] is None

        await at.shop.one(at.shop.returned("G1"))

        after = await at.standing("lin")
        assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
        assert before["review_at"] == "2020-10-05T12:00"


async def test_ladders_end_each_by_itself(db: Database) -> None:
    other = {
        "title": {"en": "Other", "zh-CN": "另一"},
        "levels": [level("low"), level("high", "500.00")],
        "status": {"days": 30},
        "demotion": {"to": "lowest"},
    }
    files = programme(*GOLD, status=YEAR_AFTER, demotion=MET, files={"tiers/other": other})
    async with story(db, files, "2020-12-20") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)

        at.go("2022-01-05")
        await at.shop.order("lin", 100)

        assert [(to, when) for to, _, when in await at.moves("lin")] == [
            ("gold", "2020-12-20T12:00"),
            ("high", "2020-12-20T12:00"),
            ("low", "2021-01-19T12:00"),
            ("base", "2022-01-01T00:00"),
        ]


async def republished(at: Story, files: dict[str, Any]) -> None:
    """Another version, a second before the story's now."""
    texts = {path: json.dumps(document, ensure_ascii=False) for path, document in files.items()}
    await publish(at.shop.house.db, at.shop.house.rulebook, ADMIN, "story", texts, note="other")
    live = await at.shop.house.rulebook.programme(at.shop.house.db, "story")
    at.shop.now = live.newest.live_from + timedelta(seconds=1)


async def test_a_ladder_that_begins_to_end_ends_for_those_who_stand_on_it(db: Database) -> None:
    async with story(db, programme(*GOLD, demotion=MET), "2020-05-05") as at:
        for name in ("lin", "wang"):
            await at.shop.enrol(name)
            await at.shop.order(name, 100_000)
        await republished(at, programme(*GOLD, demotion=MET, status={"days": 30}))
        assert await at.ends("lin") is None

        await at.shop.behave("lin", "app.opened")
        ends = at.shop.now + timedelta(days=30)
        assert await at.ends("lin") == await at.day(ends)
        at.shop.later(days=2)
        await at.worker.tick(at.shop.now)
        assert await at.ends("wang") is not None

        at.shop.later(days=32)
        await at.worker.tick(at.shop.now)
        assert (await at.tier("lin"), await at.tier("wang")) == ("base", "base")


async def test_a_level_that_is_gone_with_a_rise_that_waits(db: Database) -> None:
    delayed: Any = {"upgrade": {"after": {"days": 7}}, "status": YEAR_AFTER, "demotion": MET}
    async with story(db, programme(*GOLD[:2], **delayed)) as at:
        await republished(at, programme(*GOLD, **delayed))
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        assert "gold" in (await at.standing("lin"))["rises"]
        await republished(at, programme(level("base"), level("best", "900.00"), **delayed))

        await at.shop.behave("lin", "app.opened")
        waits = json.loads((await at.standing("lin"))["rises"])
        assert [tier for tier, *_ in waits] == ["best"]
        at.shop.later(days=8)
        await at.worker.tick(at.shop.now)

        assert await at.tier("lin") == "best"


async def test_a_late_order_starts_its_wait_when_it_is_known(db: Database) -> None:
    files = programme(*GOLD, upgrade={"after": {"days": 7}}, status=YEAR_AFTER, demotion=MET)
    async with story(db, files, "2020-05-01") as at:
        await at.shop.enrol("lin")
        at.go("2020-05-20")
        await at.shop.order("lin", 100)

        await at.shop.order("lin", 60_000, occurred_at=at.at("2020-05-02"))

        assert (await at.standing("lin"))["due_at"] == "2020-05-27T12:00"
        await at.tick("2020-05-27")
        assert await at.tier("lin") == "silver"


async def test_a_late_review_keeps_what_has_been_met_since(db: Database) -> None:
    files = programme(*GOLD, review={"every": "year"}, demotion=MET)
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        at.go("2022-01-03")
        await at.shop.order("lin", 50_000)

        due = at.at("2022-01-01T00:00")
        member = MemberRef(id=await at.shop.member_id("lin"))
        receipt = await at.shop.one(ClockReview("late", member, "grade", due))

        assert receipt.late
        assert await at.tier("lin") == "silver"


async def account(at: Story, name: str) -> Account:
    """The books of a member as a reader sees them now."""
    live = await at.shop.house.rulebook.programme(at.shop.house.db, "story")
    member = await at.shop.member_id(name)
    return (await views.accounts(at.shop.house.db, live, [member], at.shop.now))[member]


async def test_a_reader_sees_what_fell_due_before_anything_has_done_it(db: Database) -> None:
    files = programme(*GOLD, upgrade={"after": {"days": 7}}, status=YEAR_AFTER, demotion=MET)
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        waits = outlook.outlook(await account(at, "lin"), "grade")
        assert (waits.level.key, waits.rises_to and waits.rises_to.key) == ("base", "gold")
        assert waits.rises_at == at.at("2020-05-12")

        at.go("2020-05-13")
        risen = outlook.outlook(await account(at, "lin"), "grade")
        assert (risen.level.key, risen.rises_to) == ("gold", None)
        assert risen.valid_until == at.at("2022-01-01T00:00")
        assert await at.tier("lin") == "base"  # Nothing was moved.

        at.go("2022-02-02")
        assert outlook.outlook(await account(at, "lin"), "grade").level.key == "base"


async def test_what_is_ahead_is_said_by_when(db: Database) -> None:
    files = programme(*GOLD, status=YEAR_AFTER, demotion=MET)
    async with story(db, files, "2020-05-05") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 60_000)
        at.go("2021-08-08")
        await at.shop.order("lin", 20_000)
        own = await account(at, "lin")

        ahead, fall = outlook.outlook(own, "grade"), prospects.fall(own, "grade")

        assert ahead.by == at.at("2022-01-01T00:00")
        assert [gap.lacking for gap in ahead.missing] == [80_000]
        assert fall is not None
        assert (fall.level.key, fall.at, fall.next) == ("base", at.at("2022-01-01T00:00"), True)
        assert [(gap.has, gap.lacking) for gap in fall.keeping] == [(20_000, 30_000)]
        said = [tier_words.falls(ahead.level, fall.level, fall.at, at.zone, lang) for lang in ("en", "zh-CN")]
        assert said == [
            "Without a purchase that keeps “silver”, it ends with 2021-12-31, and “base” follows.",
            "若2021-12-31前未再消费保级，“silver”将于当日届满，届时降为“base”。",
        ]
        await at.shop.order("lin", 30_000)
        assert prospects.fall(await account(at, "lin"), "grade") is None  # By the end of 2022: more than a year ahead.


async def test_looking_ahead_leaves_the_books_as_they_are(db: Database) -> None:
    files = programme(*GOLD, review={"every": "month"}, demotion={"to": "one_level"})
    async with story(db, files, "2020-11-11") as at:
        await at.shop.enrol("lin")
        await at.shop.order("lin", 100_000)
        own = await account(at, "lin")
        mark = own.turn.book.mark()

        fall = prospects.fall(own, "grade")

        assert own.turn.book.mark() == mark
        assert fall is not None
        assert (fall.level.key, fall.at, fall.next) == ("silver", at.at("2021-02-01T00:00"), False)
