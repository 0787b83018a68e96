"""Percentiles as documents: what they may rank by, where a share begins, and how they read."""

from copy import deepcopy
from typing import Any

import pytest

from rules.check import check
from rules.compile import compile_checked
from rules.faults import fault_text
from rules.parts import LANGUAGES
from rules.percentiles import identity, place
from rules.ruleset import Ruleset
from rules.words import condition
from tests.rules.lab import Document, asks, folder, layer, words

TOP: Document = {"title": words("top 10 % by spend", "消费前10%"), "of": "spend_365d", "top": "10"}


def documents(**percentiles: Document) -> dict[str, Any]:
    found: dict[str, Any] = deepcopy(folder())
    found["programme"]["percentiles"] = percentiles
    return found


def ruleset(reach: Document, **percentiles: Document) -> Ruleset:
    found = documents(**percentiles)
    found["tiers/layer"]["levels"][-1]["reach"] = reach
    checked = check(found)
    assert checked.faults == []
    return compile_checked(checked)


def faults(**percentiles: Document) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in check(documents(**percentiles)).faults]


def test_a_percentile_is_a_variable_that_is_so_or_not():
    made = ruleset(asks("in_spend_top10", "is_true"), spend_top10=TOP)
    variable = made.definitions.catalogue.variables["in_spend_top10"]

    assert (variable.type, variable.nullable, variable.of) == ("boolean", False, "spend_365d")
    assert {lang: variable.label(lang) for lang in LANGUAGES} == TOP["title"]
    assert "spend_365d" in made.ladder_needs.metrics  # Whoever asks for the share has to know the figure.
    assert made.standards["layer"][-1]({"in_spend_top10": True})
    assert not made.standards["layer"][-1]({"in_spend_top10": False})


@pytest.mark.parametrize(
    ("operator", "lang", "said"),
    [
        ("is_true", "en", "is among the top 10 % by spend"),
        ("is_true", "zh-CN", "位列消费前10%"),
        ("is_false", "en", "is not among the top 10 % by spend"),
        ("is_false", "zh-CN", "未进入消费前10%"),
    ],
)
def test_a_percentile_reads_as_a_clause(operator, lang, said):
    made = ruleset(asks("in_spend_top10", operator), spend_top10=TOP)
    (_, *_, last) = made.definitions.standards["layer"].reach

    assert condition(last, made.definitions, lang) == said


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"of": "spend_90d"}, "/percentiles/share/of", "METRIC_UNKNOWN"),
        ({"of": "order_paid"}, "/percentiles/share/of", "METRIC_UNKNOWN"),
        ({"top": "0"}, "/percentiles/share/top", "OUT_OF_RANGE"),
        ({"top": "100"}, "/percentiles/share/top", "OUT_OF_RANGE"),
        ({"top": "0.001"}, "/percentiles/share/top", "OUT_OF_RANGE"),
        ({"top": 0.1}, "/percentiles/share/top", "FLOAT"),
        ({"every": "fortnight"}, "/percentiles/share/every", "NOT_ALLOWED"),
        ({"bottom": "10"}, "/percentiles/share/bottom", "FIELD_UNKNOWN"),
    ],
)
def test_what_is_wrong_with_a_percentile_is_said_with_its_place(change, pointer, code):
    assert faults(share=TOP | change) == [(pointer, code)]


def test_two_things_do_not_have_one_name():
    found = documents(orders_lately=TOP)
    found["programme"]["metrics"]["in_orders_lately"] = found["programme"]["metrics"]["orders_365d"]

    assert [(fault.pointer, fault.code) for fault in check(found).faults] == [
        ("/percentiles/orders_lately", "NAME_TAKEN")
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_metric_that_nobody_is_ranked_by_is_told_from_one_that_is_not_there(lang):
    (fault,) = check(documents(share=TOP | {"of": "spend_36d"})).faults

    told = fault_text(fault, lang)

    assert "spend_36d" in told
    assert "spend_365d" in told


def test_a_share_begins_at_the_figure_that_makes_it_full():
    assert [place(members, 1_000) for members in (0, 1, 9, 10, 11, 15, 20, 21, 100)] == [0, 1, 1, 1, 2, 2, 2, 3, 10]
    assert [place(members, 50) for members in (1, 200, 201)] == [1, 1, 2]  # Half a percent.


def test_another_figure_is_another_threshold_and_another_title_is_not():
    own = ruleset(layer(11, "20000.00"), top=TOP, other=TOP | {"title": words("the best")}, five=TOP | {"top": "5"})
    programme = own.programme
    metrics, shares = programme.metrics, programme.percentiles

    same = {identity("top", shares[key], metrics[shares[key].of]) for key in ("top", "other")}

    assert len(same) == 1
    assert identity("top", shares["five"], metrics["spend_365d"]) not in same
    assert identity("top", shares["top"], metrics["orders_365d"]) not in same
    assert identity("top", shares["top"], metrics["spend_365d"]).startswith("top@")


@pytest.mark.parametrize(
    "metric",
    [
        {"sum": "spend", "over": {"since": "joined"}},
        {"sum": "spend", "over": {"days": 30}, "where": asks("order_channel", "equal_to", "web")},
        {"count": "lines", "over": {"days": 30}},
        {"max": "spend", "over": {"days": 30}},
    ],
)
def test_a_figure_that_is_not_kept_by_day_for_everybody_ranks_nobody(metric):
    found = documents(share=TOP | {"of": "odd"})
    found["programme"]["metrics"]["odd"] = {"title": words("odd"), **metric}

    (fault,) = check(found).faults

    assert (fault.pointer, fault.code) == ("/percentiles/share/of", "METRIC_NOT_RANKED")
    assert fault_text(fault, "en").startswith("Members cannot be ranked by “odd”")
    assert "spend_365d" in fault_text(fault, "zh-CN")
