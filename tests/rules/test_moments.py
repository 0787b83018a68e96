"""When the clock asks: the instants, what may be said of them, and how it reads."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from rules import action_words, samples, schemas
from rules.check import check
from rules.compile import compile_checked
from rules.lint import lint
from rules.moments import NEVER, SHAPES, Moment, When
from tests.loyalty.moments import asked
from tests.loyalty.programme import FILES

PATH = "campaigns/asked"
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


def faults(document: Any) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in check({**FILES, PATH: document}).faults]


def moment(kind: str, **when: Any) -> Moment:
    return Moment(f"clock.{kind}", When.model_validate(when))


def instants(own: Moment, after: str, count: int, zone: ZoneInfo = SHANGHAI) -> list[str]:
    """The next instants, by the clock on the wall."""
    at, found = datetime.fromisoformat(after).replace(tzinfo=UTC), []
    for _ in range(count):
        at = own.next(at, zone)
        found.append(f"{at.astimezone(zone):%Y-%m-%d %H:%M %z}")
    return found


def test_a_time_the_clocks_pass_over_is_the_one_they_jump_to_and_one_that_comes_twice_is_the_first():
    daily = moment("birthday", at="02:30")

    spring = instants(daily, "2026-03-28T12:00", 2, BERLIN)
    autumn = instants(daily, "2026-10-24T12:00", 2, BERLIN)

    assert spring == ["2026-03-29 03:30 +0200", "2026-03-30 02:30 +0200"]
    assert autumn == ["2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"]


@pytest.mark.parametrize(
    ("kind", "when", "days"),
    [
        ("period", {"every": "week"}, ["2026-03-02", "2026-03-09"]),
        ("period", {"every": "month", "day": 31}, ["2026-03-31", "2026-04-30"]),
        ("period", {"every": "month", "day": "last", "days_before": 1}, ["2026-03-30", "2026-04-29"]),
        ("period", {"every": "quarter", "month": 2}, ["2026-05-01", "2026-08-01"]),
        ("period", {"every": "half_year"}, ["2026-07-01", "2027-01-01"]),
        ("period", {"every": "year", "month": 2, "day": 29}, ["2027-02-28", "2028-02-29"]),
        ("birthday", {"of": "month", "days_before": 3}, ["2026-03-29", "2026-04-28"]),
        ("festival", {"festival": "mid-autumn", "days_before": 7}, ["2026-09-18", "2027-09-08"]),
        ("inactive", {"after": {"days": 90}}, ["2026-03-02", "2026-03-03"]),
    ],
)
def test_the_days_of_a_moment(kind, when, days):
    assert [one[:10] for one in instants(moment(kind, **when), "2026-03-01T15:00", 2)] == days


def test_a_festival_is_over_where_its_table_ends():
    assert moment("festival", festival="qixi").next(datetime(2051, 1, 1, tzinfo=UTC), SHANGHAI) == NEVER


def test_what_says_the_same_is_one_moment():
    assert moment("birthday", at="00:00", days_before=0).key == moment("birthday").key == "clock.birthday"
    assert moment("period", every="month", day=1).key == moment("period", every="month").key
    assert moment("birthday", days_before=3).key != moment("birthday", days_before=7).key


WRONG: list[tuple[Any, str, str]] = [
    (asked("period"), "", "WHEN_MISSING"),
    (asked("period", at="10:00"), "/when", "FIELD_MISSING"),
    (asked("period", every="day"), "/when/every", "NOT_ALLOWED"),
    (asked("period", every="week", day=3), "/when/day", "FIELD_NOT_HERE"),
    (asked("period", every="quarter", month=4), "/when/month", "OUT_OF_RANGE"),
    (asked("period", every="month", at="24:00"), "/when/at", "BAD_NAME"),
    (asked("birthday", festival="qixi"), "/when/festival", "FIELD_NOT_HERE"),
    (asked("birthday", days_before=61), "/when/days_before", "OUT_OF_RANGE"),
    (asked("points_ending", days_before=367), "/when/days_before", "OUT_OF_RANGE"),
    (asked("points_ending", days_before=7, wallet="gold"), "/when/wallet", "WALLET_UNKNOWN"),
    (asked("anniversary", date="wedding"), "/when/date", "DATE_UNKNOWN"),
    (asked("festival", festival="christmas"), "/when/festival", "NOT_ALLOWED"),
    (asked("inactive", after={"days": 401}), "/when/after/days", "OUT_OF_RANGE"),
    (asked("inactive", after={"days": 3, "months": 3}), "/when/after", "EXACTLY_ONE"),
    ({**asked("birthday"), "on": ["clock.birthday", "order.paid"]}, "/on", "CLOCK_ALONE"),
    ({**asked("birthday", at="10:00"), "on": ["order.paid"]}, "/when", "WHEN_NOT_HERE"),
    (asked("birthday", ("send_message", {"template": "x", "purpose": "spying"})), "/actions/0/params/purpose",
     "CONSENT_UNKNOWN"),
    (asked("birthday", ("issue_benefit_by_choice", {"by": "member_handles", "choices": [
        {"value": "x", "benefit": "coupon-10"}]})), "/actions/0/params/by", "VARIABLE_UNKNOWN"),
    (asked("birthday", ("issue_benefit_by_choice", {"by": "member_tier", "choices": [
        {"value": "tin", "benefit": "coupon-10"}]})), "/actions/0/params/choices/0/value", "VALUE_OPTION"),
    (asked("birthday", ("issue_benefit_by_choice", {"by": "member_tier", "choices": [
        {"value": "gold", "benefit": "coupon-11"}]})), "/actions/0/params/choices/0/benefit", "BENEFIT_UNKNOWN"),
]  # fmt: skip


NAMES = [f"{place}-{code}" for place, (_, _, code) in enumerate(WRONG)]


@pytest.mark.parametrize(("document", "pointer", "code"), WRONG, ids=NAMES)
def test_what_is_wrong_with_a_moment_is_said_where_it_stands(document, pointer, code):
    assert (pointer, code) in faults(document)


def test_the_schema_of_an_editor_wants_what_each_kind_needs():
    definitions = check(FILES).definitions
    schema = schemas.document("policy", definitions)

    for kind in SHAPES:
        when = samples.when(kind)
        sound = {**asked(kind.removeprefix("clock.")), **({"when": when} if when else {})}
        jsonschema.validate(sound, schema)
        assert faults(sound) == []
    for wrong in (
        asked("period"),
        asked("birthday", every="month"),
        {**asked("birthday", at="10:00"), "on": ["order.paid"]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_a_moment_that_is_never_in_the_calendar_is_warned_of():
    def warned(**when: Any) -> list[str]:
        return [one.code for one in lint(check({**FILES, PATH: asked("period", **when)})) if one.path == PATH]

    assert warned(every="month", valid={"hours": {"from": "09:00", "until": "18:00"}}) == ["WHEN_NEVER"]
    assert warned(every="month", valid={"days_of_month": [15]}) == ["WHEN_NEVER"]
    assert warned(every="month", valid={"from": "2026-03-02", "until": "2026-03-31"}) == ["WHEN_NEVER"]
    assert warned(every="month", at="10:00", valid={"hours": {"from": "09:00", "until": "18:00"}}) == []
    assert warned(every="year", valid={"from": "2026-03-02", "until": "2028-01-01"}) == []


@pytest.mark.parametrize(
    ("document", "english", "chinese"),
    [
        (asked("birthday", of="month", days_before=3, at="10:00"),
         "When it is 3 days before the first day of a member’s birthday month, at 10:00: give 1 × “¥10 off”",
         "会员生日月第一天前3天 10:00时：发放“10元券”×1"),
        (asked("inactive", after={"months": 3}),
         "When a member has bought nothing for 3 months: give 1 × “¥10 off”",
         "会员已3个月未消费时：发放“10元券”×1"),
        (asked("period", every="year", month=3, day="last"),
         "When it is the last day of March every year: give 1 × “¥10 off”",
         "到了每年三月最后一天时：发放“10元券”×1"),
    ],
)  # fmt: skip
def test_a_moment_reads_as_a_sentence(document, english, chinese):
    ruleset = compile_checked(check({**FILES, PATH: document}))
    rule = ruleset.rules[PATH]

    assert action_words.policy(rule, ruleset.definitions, "en") == english
    assert action_words.policy(rule, ruleset.definitions, "zh-CN") == chinese
