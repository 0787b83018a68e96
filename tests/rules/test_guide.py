"""The members' guide of the programmes that come along: what a marketer would look for is said, and reads well."""

from pathlib import Path

import pytest

from rules.check import check
from rules.describe import page
from rules.describe_levels import lasts
from rules.files import documents
from rules.parts import LANGUAGES
from rules.tiers import Status

PROGRAMMES = sorted((Path(__file__).parents[2] / "rules/programmes").iterdir())


def told(name, lang="en"):
    checked = check(documents(PROGRAMMES[0].parent / name))
    assert checked.definitions is not None
    return page(checked.definitions, checked.rules, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.name)
def test_no_guide_shows_what_is_not_there(path, lang):
    text = told(path.name, lang)

    assert not [word for word in ("None", "{", "}", "(s)", "？？", "  -") if word in text]


def test_a_rise_that_waits_and_a_level_that_ends_are_said():
    english, chinese = told("macys"), told("macys", "zh-CN")

    assert "- You rise 7 days after the standard is met, if it is still met then.\n" in english
    assert "- 达标满7天且仍达标时升级。\n" in chinese
    assert "| to the end of the next year |" in english
    assert "| 至次年底 |" in chinese
    # There is no review: the end of the level asks again.
    assert "- Whoever does not meet the standard again by the end of a level goes to the level" in english
    assert "at a review" not in english
    assert "评估" not in chinese


def test_a_level_to_the_end_of_a_month_names_the_month():
    assert "to the end of February, 2 years on" in told("airline")
    assert "至2年后的二月底" in told("airline", "zh-CN")


def test_reviews_are_said_as_an_occasion_and_counters_stay_with_numbers():
    english, chinese = told("starbucks-china"), told("starbucks-china", "zh-CN")

    assert "When the level is reviewed" in english
    assert "- Whoever no longer meets the standard goes down one level at a review." in english
    assert "等级评估时，若" in chinese
    assert "所有未被占用的好礼星星立即失效" in chinese
    assert "按金额所得印章×2" in told("cafe", "zh-CN")


@pytest.mark.parametrize(
    ("status", "english", "chinese"),
    [
        ({"never": True}, "without end", "永久有效"),
        ({"days": 90}, "for 90 days", "90天"),
        ({"months": 12}, "for 12 months", "12个月"),
        ({"end_of": {"period": "year", "after": 0}}, "to the end of the year", "至当年底"),
        ({"end_of": {"period": "quarter", "after": 1}}, "to the end of the next quarter", "至下一季度末"),
        ({"end_of": {"period": "year", "after": 2}}, "to the end of the year, 2 years on", "至2年后的年底"),
        ({"end_of_month": {"month": 2, "years": 1}}, "to the end of February, the next to come", "至下一个二月底"),
        ({"end_of_month": {"month": 2, "after": 1}}, "to the end of February of the next year", "至次年二月底"),
    ],
    ids=range(8),
)
def test_every_life_of_a_level_has_its_words(status, english, chinese):
    own = Status.model_validate(status)

    assert (lasts(own, "en"), lasts(own, "zh-CN")) == (english, chinese)
