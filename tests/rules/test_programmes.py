"""The programmes that come as JSON: sound, exampled, worded; and CDNOW's points, folded by hand from the decisions."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rules import action_words, files
from rules.actions import ACTIONS, BASES, ROUNDINGS
from rules.check import check_folder
from rules.compile import compile_ruleset
from rules.decide import decide
from rules.effects import ConvertPoints, EarnPoints
from rules.facts import BUILT_IN, KINDS
from rules.parts import LANGUAGES
from rules.ruleset import Ruleset
from tests.rules.lab import because, decided, earned, lots

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "rules/programmes/demo"
FOLDERS = sorted([*(ROOT / "rules/programmes").iterdir(), *(ROOT / "tests/data/programmes").iterdir()])


@pytest.fixture(scope="module")
def demo() -> Ruleset:
    return compile_ruleset(files.documents(DEMO))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_programme_is_sound_and_its_examples_are_true(folder):
    documents = files.documents(folder)

    assert check_folder(documents) == []
    assert compile_ruleset(documents).policies


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_is_written_in_the_house_form(folder):
    for path, (text, document) in files.read_folder(folder).items():
        assert text == files.written(path, document), path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_broken_example_is_noticed(folder):
    for path, document in files.documents(folder).items():
        if "examples" in document:
            broken = json.loads(json.dumps(document))
            broken["examples"][0]["then"].append({"enrol": True})
            found = check_folder({**files.documents(folder), path: broken})
            assert (path, "/examples/0/then") in {(fault.path, fault.pointer) for fault in found}


def test_the_policy_of_the_page_is_sound_and_the_page_names_every_action():
    page = (ROOT / "docs/policies.md").read_text(encoding="utf-8")
    document = json.loads(page.split("```json\n")[1].split("```")[0])

    assert check_folder({**files.documents(DEMO), "earn/page": document}) == []
    assert all(f"`{name}`" in page for name in (*ACTIONS, *BASES, *ROUNDINGS))
    assert all(f"`{kind}`" in page for kind in KINDS)


def test_the_demo_reads_differently_for_every_policy(demo):
    for lang in LANGUAGES:
        texts = {action_words.policy(rule, demo.definitions, lang) for rule in demo.rules.values()}
        assert len(texts) == len(demo.rules)


def test_a_demo_order_earns_points_and_growth(demo):
    verdict = decided(demo, order_paid=30000, member_tier="normal")

    assert earned(verdict) == {"base": 300, "growth": 300}


@pytest.mark.parametrize(
    ("tier", "birthday", "extra", "silent"),
    [
        ("silver", False, {}, set()),
        ("gold", False, {"gold": 150}, set()),
        ("diamond", False, {"diamond": 300}, set()),
        ("silver", True, {"birthday-month": 300}, set()),
        ("gold", True, {"birthday-month": 300}, {"gold"}),
        ("diamond", True, {"birthday-month": 300}, {"diamond"}),
    ],
)
def test_of_the_demos_multipliers_the_best_counts(demo, tier, birthday, extra, silent):
    verdict = decided(demo, order_paid=30000, member_tier=tier, member_birthday_month=birthday)

    assert earned(verdict) == {"base": 300, "growth": 300} | extra
    assert {name for name, why in because(verdict).items() if why == "stacking:best"} == silent


def test_the_demos_points_wait_seven_days_and_live_a_year(demo):
    at = datetime(2026, 11, 21, 4, tzinfo=UTC)
    base = next(one for one in decided(demo, order_paid=30000, at=at).effects if one.policy == "earn/base")

    assert isinstance(base, EarnPoints)
    assert base.available_at == at + timedelta(days=7)
    assert base.expires_at == datetime(2027, 11, 21, 4, tzinfo=UTC)


def test_the_demo_listens_to_all_it_must(demo):
    assert demo.kinds == {
        "order.paid", "member.enrolled", "member.enrol_wanted", "profile.completed", "points.redeem", "tier.changed",
        "review.written",
    }  # fmt: skip
    assert demo.ladder_needs.metrics == {"growth_365d", "orders_365d", "spend_365d"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_variable_has_a_name_in_both_languages(demo, lang):
    labels = {name: one.label(lang) for name, one in demo.definitions.catalogue.variables.items()}

    assert all(labels.values())
    built_in = [labels[one.name] for one in BUILT_IN]
    assert len(set(built_in)) == len(built_in)


@dataclass
class Pot:
    """A member's lots, by hand: what dies dies first, then the order earns, then what is there converts."""

    lots: list[list[Any]] = field(default_factory=list)
    total: Counter[str] = field(default_factory=Counter)

    def take(self, points: int) -> None:
        for lot in self.lots:
            taken = min(lot[0], points)
            lot[0], points = lot[0] - taken, points - taken

    def settle(self, now: datetime) -> None:
        for lot in self.lots:
            if lot[1] <= now:
                self.total["expired"] += lot[0]
                lot[0] = 0

    @property
    def balance(self) -> int:
        return sum(points for points, _ in self.lots)


def folded(ruleset: Ruleset, history: list[tuple[str, int]], until: str) -> dict[str, int]:
    pot = Pot()
    for day, paid in history:
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        pot.settle(at)
        for lot in lots(decide(ruleset, "order.paid", {"order_paid": paid}, at=at, usage=lambda *_: 0)):
            pot.total["earned"] += lot.points
            pot.lots.append([lot.points, lot.expires_at])
        available = {"balance_points": pot.balance}
        for effect in decide(ruleset, "points.available", available, at=at, usage=lambda *_: 0).effects:
            assert isinstance(effect, ConvertPoints)
            pot.total["redeemed"] += effect.points * effect.times
            pot.take(effect.points * effect.times)
    pot.settle(datetime.fromisoformat(f"{until}T00:00:00+00:00"))
    return {**pot.total, "outstanding": pot.balance}


HISTORY = [
    ("1997-01-05", 15099), ("1997-01-31", 4999), ("1997-02-01", 9900), ("1997-08-01", 12000), ("1997-09-01", 1),
    ("1998-02-01", 5050),
]  # fmt: skip


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("a", {"earned": 468, "expired": 418, "outstanding": 50}),
        ("b", {"earned": 468, "redeemed": 400, "expired": 18, "outstanding": 50}),
    ],
)
def test_a_cdnow_customer_by_hand(variant, expected):
    ruleset = compile_ruleset(files.documents(ROOT / f"tests/data/programmes/cdnow-{variant}"))

    found = folded(ruleset, HISTORY, "1998-03-01")

    assert found == expected
    assert found["earned"] == found.get("redeemed", 0) + found["expired"] + found["outstanding"]
