"""Standings in time: until when one is valid, when it is looked at again, and who keeps what."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules import action_words
from rules.check import check, fault_text
from rules.compile import compile_ruleset
from rules.ladders import demoted, fallen, next_review, standard_met, stays, valid_until
from rules.tiers import Ladder, Review, Status
from tests.rules.faulty import changed
from tests.rules.lab import Document, asks, folder, lab, policy, words

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


YEAR_AFTER = {"end_of": {"period": "year", "after": 1}}
ALIGNED: Document = {"months": 3, "from": "joined", "aligned": "month"}
FEBRUARY = {"end_of_month": {"month": 2, "years": 2}}


@pytest.mark.parametrize(
    ("status", "at", "ends"),
    [
        ({"days": 30}, "2026-03-05T15:00", "2026-04-04T15:00"),
        ({"months": 12}, "2024-02-29T08:00", "2025-02-28T08:00"),
        (YEAR_AFTER, "2022-01-15T10:00", "2024-01-01T00:00"),
        (YEAR_AFTER, "2022-12-31T23:59", "2024-01-01T00:00"),
        (YEAR_AFTER, "2023-01-01T00:00", "2025-01-01T00:00"),
        ({"end_of": {"period": "year", "after": 0}}, "2022-06-01T00:00", "2023-01-01T00:00"),
        ({"end_of": {"period": "half_year", "after": 1}}, "2022-06-30T00:00", "2023-01-01T00:00"),
        ({"end_of": {"period": "quarter", "after": 0}}, "2022-05-05T00:00", "2022-07-01T00:00"),
        ({"end_of": {"period": "month", "after": 2}}, "2022-11-30T00:00", "2023-02-01T00:00"),
        (FEBRUARY, "2021-03-10T12:00", "2023-03-01T00:00"),
        (FEBRUARY, "2022-02-28T23:59", "2023-03-01T00:00"),
        (FEBRUARY, "2022-03-01T00:00", "2024-03-01T00:00"),
        ({"end_of_month": {"month": 12, "years": 1}}, "2022-12-01T00:00", "2023-01-01T00:00"),
        ({"end_of_month": {"month": 2, "after": 2}}, "2025-01-31T00:00", "2027-03-01T00:00"),
        ({"end_of_month": {"month": 2, "after": 2}}, "2025-12-31T23:59", "2027-03-01T00:00"),
        ({"end_of_month": {"month": 12, "after": 1}}, "2026-01-01T00:00", "2028-01-01T00:00"),
    ],
)
def test_a_standing_is_valid_through_its_last_day(status: Document, at: str, ends: str) -> None:
    assert valid_until(Status.model_validate(status), local(at), SHANGHAI) == local(ends)


@pytest.mark.parametrize(
    ("status", "at", "ends"),
    [
        (YEAR_AFTER, "2024-01-01T00:00", "2025-01-01T00:00"),
        (FEBRUARY, "2023-03-01T00:00", "2024-03-01T00:00"),
        ({"months": 12}, "2024-03-05T15:00", "2025-03-05T15:00"),
        ({"end_of": {"period": "year", "after": 0}}, "2024-01-01T00:00", "2025-01-01T00:00"),
        ({"end_of_month": {"month": 2, "years": 1}}, "2023-03-01T00:00", "2024-03-01T00:00"),
    ],
)
def test_what_is_renewed_at_its_end_follows_on_it(status: Document, at: str, ends: str) -> None:
    assert valid_until(Status.model_validate(status), local(at), SHANGHAI, closing=True) == local(ends)


@pytest.mark.parametrize(
    ("review", "since", "after", "due"),
    [
        # Three calendar months, January being the first.
        (ALIGNED, "2021-01-10T09:00", "2021-01-10T09:00", "2021-04-01T00:00"),
        (ALIGNED, "2021-01-10T09:00", "2021-04-01T00:00", "2021-07-01T00:00"),
        ({"months": 12, "from": "reached"}, "2021-03-10T09:00", "2021-03-10T09:00", "2022-03-10T09:00"),
        ({"months": 12, "from": "reached"}, "2021-03-10T09:00", "2022-03-10T09:00", "2023-03-10T09:00"),
        # A month's last day stays one: it is counted from the beginning, not from the last review.
        ({"months": 1, "from": "joined"}, "2021-01-31T09:00", "2021-02-28T09:00", "2021-03-31T09:00"),
        ({"months": 1, "from": "joined"}, "2021-01-31T09:00", "2024-02-29T09:00", "2024-03-31T09:00"),
        (ALIGNED | {"months": 1}, "2021-01-01T00:00", "2021-01-01T00:00", "2021-02-01T00:00"),
        ({"every": "half_year"}, "2021-01-31T09:00", "2021-02-28T09:00", "2021-07-01T00:00"),
    ],
)  # fmt: skip
def test_a_member_has_a_review_of_its_own(review: Document, since: str, after: str, due: str) -> None:
    found = next_review(Review.model_validate(review), local(since), local(after), SHANGHAI)

    assert found == local(due)


def test_a_year_ends_where_the_programme_is_whatever_the_clocks_do() -> None:
    ends = valid_until(Status.model_validate(YEAR_AFTER), local("2022-07-01T12:00", NEW_YORK), NEW_YORK)

    assert ends == datetime(2024, 1, 1, 5, tzinfo=UTC)


def grade(**changes: Any) -> Document:
    """The lab's ladder, on which gold is kept with less than it takes to reach it."""
    documents: Document = folder()
    ladder = documents["tiers/grade"]
    levels = [dict(level) for level in ladder["levels"]]
    levels[2]["keep"] = asks("growth_365d", "greater_than_or_equal_to", "3000")
    levels[1]["keep"] = asks("growth_365d", "greater_than_or_equal_to", "1500")
    documents["tiers/grade"] = {**ladder, "levels": levels, "demotion": {"to": "met"}, **changes}
    return documents


@pytest.mark.parametrize(
    ("growth", "met", "gold"), [(6000, 2, 2), (5000, 2, 2), (3000, 1, 2), (2999, 1, 1), (1200, 1, 1), (999, 0, 0)]
)
def test_gold_is_kept_with_less_than_reaches_it(growth: int, met: int, gold: int) -> None:
    rules, facts = compile_ruleset(grade()), {"growth_365d": growth}

    assert standard_met(rules, "grade", facts) == met
    assert demoted(rules, "grade", 2, facts) == gold


@pytest.mark.parametrize(("growth", "silver"), [(5000, 2), (1500, 1), (1499, 0), (1000, 0)])
def test_a_standard_of_keeping_may_ask_more_than_that_of_reaching(growth: int, silver: int) -> None:
    rules = compile_ruleset(grade())

    assert demoted(rules, "grade", 1, {"growth_365d": growth}) == silver
    assert stays(rules, "grade", 1, {"growth_365d": growth}) is (silver >= 1)


@pytest.mark.parametrize(("to", "left"), [("one_level", 1), ("met", 0), ("lowest", 0)])
def test_how_far_one_falls(to: str, left: int) -> None:
    rules = compile_ruleset(grade(demotion={"to": to}))

    assert fallen(rules, "grade", 2, {"growth_365d": 100}) == left
    assert fallen(rules, "grade", 2, {"growth_365d": 1600}) == (0 if to == "lowest" else 1)


def test_the_lowest_level_never_ends_and_a_level_says_it_otherwise_than_the_ladder() -> None:
    document = grade(status=YEAR_AFTER)["tiers/grade"]
    document["levels"][2]["status"] = {"never": True}
    ladder = Ladder.model_validate_json(json.dumps(document))

    assert [ladder.status_of(rank) is None for rank in range(3)] == [True, False, True]


def test_of_several_ladders_an_action_says_which_it_means() -> None:
    documents = changed("programme", lambda programme: programme.pop("ladder"))
    for path in [path for path in documents if path.startswith("benefits/")]:
        documents[path].pop("available_to", None)
    for path in [path for path in documents if path.startswith("gatherings/")]:  # They ask for its level too.
        del documents[path]
    documents["campaigns/up"] = policy(("move_tier", {"to": "gold"}), on="order.paid")

    (fault,) = [one for one in check(documents).faults if one.code.startswith("LADDER")]

    assert (fault.pointer, fault.code) == ("/actions/0/params", "LADDER_NOT_SAID")
    assert "grade, layer" in fault_text(fault, "en")
    assert "grade、layer" in fault_text(fault, "zh-CN") or "grade, layer" in fault_text(fault, "zh-CN")


def test_what_is_done_to_a_standing_reads_as_words() -> None:
    told = {}
    for name, params in (
        ("move_tier", {"to": "gold"}),
        ("protect_tier", {"for": {"months": 6}, "ladder": "layer"}),
        ("extend_tier", {"by": {"days": 1}}),
    ):
        documents = grade(status=YEAR_AFTER)
        documents["campaigns/one"] = {
            **policy((name, params), on="tier.reviewed", conditions=asks("tier_direction", "equal_to", "same")),
            "title": words("One"),
            "examples": [],
        }
        checked = check(documents)
        definitions = checked.definitions
        assert definitions is not None
        told[name] = [
            action_words.action(
                checked.rules["campaigns/one"].actions[0], checked.rules["campaigns/one"], definitions, lang
            )
            for lang in ("en", "zh-CN")
        ]

    assert told == {
        "move_tier": ["move the member to “Gold” on “Grade”", "将会员在“等级”中的等级调整为“金卡”"],
        "protect_tier": [
            "let nothing take the member down on “Layer” for 6 months",
            "6个月内保护会员在“分层”中的等级，不予降级",
        ],
        "extend_tier": ["put the end of the level on “Grade” off by 1 day", "将会员在“等级”中的等级有效期延长1天"],
    }


def test_the_lab_reads_what_keeps_a_level_as_well() -> None:
    assert lab().keeps["grade"][1]({"growth_365d": 1000})
    assert not lab().keeps["grade"][1]({"growth_365d": 999})
