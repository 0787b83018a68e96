"""What differs between two documents: the smallest fields, by law the whole difference, in words of one line."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from rules.difference_words import merged, told
from rules.differences import Change, changes, differences
from tests.rules.lab import asks, earns, folder, rates

leaves = some.none() | some.booleans() | some.integers(-9, 9) | some.text("ab1/~", max_size=3)
keys = some.text("ab/~", max_size=2)
values = some.recursive(
    leaves, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(keys, inner, max_size=4)
)


def test_the_smallest_field_that_differs_is_named():
    before = {"a": {"b": [1, 2]}, "gone": "x", "kept": None}
    after = {"a": {"b": [1, 3]}, "kept": None, "new/one": True}

    assert list(changes(before, after)) == [
        Change("changed", "/a/b/1", 2, 3),
        Change("removed", "/gone", before="x"),
        Change("added", "/new~1one", after=True),
    ]


def test_an_item_put_in_between_moves_nothing_else():
    assert list(changes([{"k": 1}, {"k": 2}], [{"k": 1}, {"k": 9}, {"k": 2}])) == [
        Change("added", "/1", after={"k": 9})
    ]
    assert list(changes([{"k": 1}, {"k": 9}, {"k": 2}], [{"k": 1}, {"k": 2}])) == [
        Change("removed", "/1", before={"k": 9})
    ]


def test_one_is_neither_true_nor_text():
    assert [one.kind for one in changes({"a": 1, "b": 1}, {"a": True, "b": "1"})] == ["changed", "changed"]


@given(values, values)
def test_nothing_is_said_only_of_what_is_the_same(before: Any, after: Any):
    found = list(changes({"x": before}, {"x": after}))

    assert (found == []) == (differences({"p": {"x": before}}, {"p": {"x": after}}) == [])
    assert list(changes(deepcopy(before), deepcopy(before))) == []


def test_two_sentences_that_differ_in_one_place_become_one():
    assert merged("earn 2 points for every ¥1", "earn 3 points for every ¥1") == "earn 2 → 3 points for every ¥1"
    assert merged("实付每1元得2积分", "实付每1元得3积分") == "实付每1元得2 → 3积分"
    assert merged("at most 1,000 points", "at most 1,500 points") == "at most 1,000 → 1,500 points"
    assert merged("all", "nothing") == "all → nothing"


def test_every_part_of_a_policy_that_changes_is_told():
    before = folder(one=rates(points="2"))
    after = folder(one=rates(points="3", conditions=asks("order_paid", "greater_than", "9.00"), priority=4,
                             limits={"times_per_member": 1}, valid={"until": "2027-01-01"}), two=earns(5))  # fmt: skip

    lines = told(before, after, differences(before, after), "en")

    assert list(lines) == ["earn/one", "earn/two"]
    assert [line.partition(":")[0] for line in lines["earn/one"]] == [
        "For when and whom",
        "If",
        "Does",
        "At most",
        "Priority",
    ]
    assert any("2 → 3 points for every ¥1" in line for line in lines["earn/one"])
    assert "5 points" in lines["earn/two"][0]
