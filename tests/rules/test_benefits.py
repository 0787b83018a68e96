"""Benefits as data: every kind has an example on the page, and a price or a factor needs no policy."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from rules.benefits import BenefitKind
from rules.check import check
from rules.check_benefits import KINDS
from rules.compile import compile_checked, compile_ruleset
from rules.describe import page
from rules.effects import PriceRedemption
from rules.files import written
from rules.lint import lint
from tests.rules.lab import DEFINITIONS, Document, asks, decided, facts, lots, rates, words

PAGE = (Path(__file__).parents[2] / "docs/benefits.md").read_text(encoding="utf-8")
EXAMPLES = {path: json.loads(text) for path, text in re.findall(r"^```json (\S+)\n(.*?)^```$", PAGE, re.M | re.S)}


def with_benefit(key: str, /, **terms: Any) -> dict[str, Document]:
    plain = {"title": words("Thing", "东西"), "description": words("A thing", "一件东西")}
    return {**DEFINITIONS, f"benefits/{key}": {**plain, **terms}}


def test_every_kind_has_an_example_that_is_sound():
    checked = check({**DEFINITIONS, **EXAMPLES, "partners/furniture": {"title": words("Furniture", "家具")}})

    assert {one["kind"] for one in EXAMPLES.values()} == set(get_args(BenefitKind)) == set(KINDS)
    assert checked.faults == []


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_stands_under_the_name_of_its_kind(path):
    assert path == f"benefits/{EXAMPLES[path]['kind'].replace('_', '-')}"
    assert json.loads(written(path, EXAMPLES[path])) == EXAMPLES[path]


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_guide_tells_the_terms(lang):
    checked = check({**DEFINITIONS, **EXAMPLES})
    assert checked.definitions is not None

    text = page(checked.definitions, checked.rules, lang)

    said = {
        "en": ("from ¥200 on; good for 30 days; in these channels: store; for these categories: tea; not together",
               "48 hours earlier where level: Grade is Gold or higher", "for 800 points and ¥9.90", "¥199 a year",
               "contains 2 × ¥20 off ¥200", "1 a year for each member", "good to the end of the month"),
        "zh-CN": ("满200减20（", "提前48小时", "每年", "内含2份满200减20", "每人每年1份", "当月有效"),
    }  # fmt: skip
    assert [one for one in said[lang] if one not in text] == []
    assert "None" not in text


def test_a_price_of_its_own_needs_no_policy():
    rules = compile_ruleset(with_benefit("thing", kind="gift", price={"points": 500, "money": "9.90"}))

    sold = decided(rules, "points.redeem", redeem_benefit="thing").effects
    other = decided(rules, "points.redeem", redeem_benefit="pack").effects

    assert sold == (PriceRedemption("benefits/thing/price", "thing", 500, None, "points", 990),)
    assert other == ()


def test_of_a_stepped_price_the_value_that_is_asked():
    steps = [{"points": 400, "value": "10.00"}, {"points": 900, "value": "25.00"}]
    rules = compile_ruleset(with_benefit("thing", kind="amount_off", price={"steps": steps}))

    sold = decided(rules, "points.redeem", redeem_benefit="thing", redeem_value=2500).effects

    assert [(one.points, one.value) for one in sold if isinstance(one, PriceRedemption)] == [(900, 2500)]


def test_a_multiplier_works_for_whoever_holds_a_piece():
    documents = with_benefit("twice", kind="multiplier", factor="2") | {"earn/base": rates()}
    checked = check(documents)
    checked.faults = [one for one in checked.faults if one.code != "EXAMPLES_TOO_FEW"]
    rules = compile_checked(checked)

    def earned(held: int) -> int:
        return sum(one.points for one in lots(decided(rules, order_paid=30000, held_twice=held)))

    assert earned(0) == 300
    assert earned(1) == 600


def test_who_may_have_it_is_all_that_is_said():
    asked = asks("member_age", "greater_than", 17)
    rules = compile_ruleset(
        with_benefit("thing", kind="gift", tiers={"at_least": "silver"}, segments=["friends"], available_to=asked)
    )
    may = rules.available["thing"]
    one: Document = {"tier_grade": "gold", "member_segments": ("friends",), "member_age": 30}

    assert may(facts(rules, **one))
    assert not may(facts(rules, **{**one, "tier_grade": "normal"}))
    assert not may(facts(rules, **{**one, "member_segments": ()}))
    assert not may(facts(rules, **{**one, "member_age": 17}))


def test_what_is_said_of_a_price_is_said_of_its_benefit():
    documents = with_benefit("thing", kind="gift", tiers={"at_least": "silver"},
                             available_to=asks("member_tier", "equal_to", "normal"))  # fmt: skip

    found = {(one.path, one.pointer, one.code) for one in lint(check(documents))}

    assert ("benefits/thing", "/available_to", "NEVER_TRUE") in found
