"""200 policies and one event: the compiled plan against `business_rules.run_all` and `zen-engine`, same documents.

Two to five conditions a policy over thirteen variables, money in minor units, and an action a policy that notes its
name: each contender finds the policies that hold and calls the same action for each. The library runs with its own
types; zen with one compiled expression that gives an answer a policy (the best use of it that was found), and with one
compiled expression a policy. The last line is all of a decision. Contenders take turns; each line is the median round,
in time of the processor, which others at work beside it take nothing of. Same answers are asserted before anything is
measured.
"""

import importlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from business_rules import run_all
from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_TEXT
from business_rules.operators import BooleanType, NumericType, SelectMultipleType, StringType
from business_rules.variables import BaseVariables, rule_variable

from benchmarks.table import Rounds, Table
from rules import exact
from rules.check import check
from rules.compile import compile_checked
from rules.decide import decide
from rules.ruleset import Ruleset

POLICIES: Final = 200
EVENTS: Final = 20
ROUNDS: Final = 9
ROUND_SECONDS: Final = 0.01
KIND: Final = "order.paid"
AT: Final = datetime(2026, 11, 21, 4, tzinfo=UTC)
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "order_channel": ("web", "app", "store", "phone"),
    "order_store": tuple(f"s{number}" for number in range(8)),
    "order_payment": ("card", "cash", "wallet"),
}
SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_skus": tuple(f"sku-{number}" for number in range(30)),
    "order_categories": ("tea", "cups", "books", "gifts", "toys", "food"),
}
MONEY: Final = ("order_paid", "order_total")
NUMBERS: Final[Mapping[str, int]] = {"order_quantity": 12, "orders_count": 40, "hour": 23, "month": 12}
FLAGS: Final = ("order_is_first", "member_birthday_month")
STOCK: Final[Mapping[str, Any]] = (
    dict.fromkeys((*MONEY, *NUMBERS), NumericType)
    | dict.fromkeys(CHOICES, StringType)
    | dict.fromkeys(SETS, SelectMultipleType)
    | dict.fromkeys(FLAGS, BooleanType)
)
SIGNS: Final = {
    "greater_than_or_equal_to": ">=", "less_than_or_equal_to": "<=", "greater_than": ">", "less_than": "<",
}  # fmt: skip
Facts = Mapping[str, Any]
Way = Callable[[Facts], list[str]]
STOCK_NAMES: Final = {"contains_any": "shares_at_least_one_element_with"}


def words(text: str) -> dict[str, str]:
    """A title in both languages."""
    return {"en": text, "zh-CN": text}


def question(chance: Random) -> dict[str, Any]:
    """One condition that holds for about half of the events."""
    name = chance.choice(sorted(STOCK))
    if name in MONEY:
        return {"name": name, "operator": order(chance), "value": exact.text(chance.randrange(5_000, 40_000), 2)}
    if name in NUMBERS:
        return {"name": name, "operator": order(chance), "value": chance.randrange(1, NUMBERS[name] + 1)}
    if name in CHOICES:
        return {"name": name, "operator": "equal_to", "value": chance.choice(CHOICES[name])}
    if name in SETS:
        return {"name": name, "operator": "contains_any", "value": chance.sample(SETS[name], 3)}
    return {"name": name, "operator": chance.choice(("is_true", "is_false"))}


def order(chance: Random) -> str:
    """A comparison."""
    return chance.choice(("greater_than_or_equal_to", "less_than_or_equal_to", "greater_than", "less_than"))


def documents(chance: Random, policies: int = POLICIES, stores: int = 0) -> dict[str, Any]:
    """A programme and its policies: all of two or three questions, and any of two in every second policy. Where there
    are `stores` each policy is for one of them.
    """
    wallet = {"title": words("Points"), "unit": words("points"), "expires": {"never": True}}
    programme = {"title": words("Bench"), "zone": "UTC", "currency": "CNY", "wallets": {"points": wallet}}
    found: dict[str, Any] = {"programme": programme}
    for number in range(policies):
        asked: list[Any] = [question(chance) for _ in range(chance.choice((2, 3)))]
        if stores:
            asked.append({"name": "order_store", "operator": "equal_to", "value": f"s{number % stores}"})
        if number % 2:
            asked.append({"any": [question(chance), question(chance)]})
        found[f"earn/p{number}"] = {
            "title": words(f"Policy {number}"),
            "on": [KIND],
            "conditions": {"all": asked},
            "actions": [{"name": "earn_points", "params": {"points": 5}}],
        }
    return found


def events(chance: Random, count: int = EVENTS) -> list[dict[str, Any]]:
    """Facts of some orders."""
    return [
        {name: chance.randrange(1_000, 60_000) for name in MONEY}
        | {name: chance.randrange(1, most + 1) for name, most in NUMBERS.items()}
        | {name: chance.choice(options) for name, options in CHOICES.items()}
        | {name: tuple(chance.sample(options, 3)) for name, options in SETS.items()}
        | {name: chance.random() < 0.5 for name in FLAGS}
        for _ in range(count)
    ]


def compiled(found: Mapping[str, Any]) -> Ruleset:
    """The policies through the check; that they have no examples is all that may be wrong with them."""
    checked = check(found)
    checked.faults = [fault for fault in checked.faults if fault.code != "EXAMPLES_TOO_FEW"]
    return compile_checked(checked)


def stock_rule(document: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The same policy as the library's own rule, in its own words."""
    action = {"name": "note", "params": {"text": str(number)}}
    return {"conditions": stock_condition(document["conditions"]), "actions": [action]}


def stock_condition(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A condition for the library's own types: money in minor units, its names for operators, a value everywhere."""
    for word in ("all", "any"):
        if word in asked:
            return {word: [stock_condition(part) for part in asked[word]]}
    value = asked.get("value", True)
    if asked["name"] in MONEY:
        value = int(value.replace(".", ""))
    return {"name": asked["name"], "operator": STOCK_NAMES.get(asked["operator"], asked["operator"]), "value": value}


def stock_variables() -> Any:
    """A variables class as the library's page shows one."""

    def getter(name: str) -> Any:
        def read(self: Any) -> Any:
            return self.facts[name]

        read.__name__ = name
        return rule_variable(STOCK[name])(read)

    def init(self: Any, facts: Mapping[str, Any]) -> None:
        self.facts = facts

    return type("Variables", (BaseVariables,), {"__init__": init, **{name: getter(name) for name in STOCK}})


class Noted(BaseActions):  # type: ignore[misc] # The library has no types.
    """Actions that note which rules fired."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @rule_action(params={"text": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def note(self, text: str) -> None:
        """One more."""
        self.found.append(text)


def expression(asked: Mapping[str, Any]) -> str:
    """A condition in zen's language: money in minor units."""
    for word, between in (("all", " and "), ("any", " or ")):
        if word in asked:
            return f"({between.join(expression(part) for part in asked[word])})"
    name, value = asked["name"], asked.get("value")
    if name in FLAGS:
        return name if asked["operator"] == "is_true" else f"not {name}"
    if name in SETS:
        return f"some({name}, # in {json.dumps(value)})"
    if name in CHOICES:
        return f"{name} == {json.dumps(value)}"
    number = int(str(value).replace(".", "")) if name in MONEY else value
    return f"{name} {SIGNS[asked['operator']]} {number}"


def zen(found: Mapping[str, Any]) -> dict[str, Way]:
    """zen-engine's ways; none where it is not installed (`make bench` sees to it)."""
    try:
        engine = importlib.import_module("zen")
    except ImportError:
        return {}
    policies = [expression(one["conditions"]) for path, one in found.items() if path != "programme"]
    whole = engine.compile_expression(f"[{', '.join(policies)}]")
    each = [engine.compile_expression(one) for one in policies]
    names = [str(number) for number in range(len(policies))]

    def at_once(facts: Facts) -> list[str]:
        noted = Noted()
        for name, holds in zip(names, whole.evaluate(facts), strict=True):
            if holds:
                noted.note(name)
        return noted.found

    def one_by_one(facts: Facts) -> list[str]:
        noted = Noted()
        for name, policy in zip(names, each, strict=True):
            if policy.evaluate(facts):
                noted.note(name)
        return noted.found

    return {"zen-engine, one expression": at_once, "zen-engine, one a policy": one_by_one}


def contenders(found: Mapping[str, Any]) -> dict[str, Way]:
    """The ways to the numbers of the policies that hold."""
    ruleset = compiled(found)
    plan, variables = ruleset.plans[KIND], stock_variables()
    rules = [stock_rule(one, int(path.removeprefix("earn/p"))) for path, one in found.items() if path != "programme"]
    names = [rule.path.removeprefix("earn/p") for rule in plan.whole]

    def library(facts: Facts) -> list[str]:
        noted = Noted()
        run_all(rules, variables(facts), noted)
        return noted.found

    def plain(facts: Facts) -> list[str]:
        noted = Noted()
        for place in plan.whole_holds(facts, facts):
            noted.note(names[place])
        return noted.found

    def whole(facts: Facts) -> list[str]:
        verdict = decide(ruleset, KIND, facts, at=AT, usage=lambda *_: 0)
        return [effect.policy.removeprefix("earn/p") for effect in verdict.effects]

    return {
        "business_rules.run_all": library,
        **zen(found),
        "ours, with actions": plain,
        "ours, all of a decision": whole,
    }


async def run(*, quick: bool) -> list[Table]:
    """The one table."""
    return [measured(3 if quick else ROUNDS)]


def measured(rounds: int) -> Rounds:
    """Microseconds an event, contender by contender."""
    chance = Random(7)
    found = documents(chance)
    # Lists, for zen knows no tuples; ours takes sets as tuples.
    scenes = events(chance)
    listed = [
        {name: list(value) if isinstance(value, tuple) else value for name, value in scene.items()} for scene in scenes
    ]
    ways = contenders(found)
    for scene, other in zip(scenes, listed, strict=True):
        answers = [sorted(way(other if name.startswith("zen") else scene)) for name, way in ways.items()]
        if any(answer != answers[0] for answer in answers):
            raise ValueError("the contenders do not agree")
    found_by = Rounds(f"{POLICIES} policies, one event", "processor µs")
    for _ in range(rounds):
        for name, way in ways.items():
            given = listed if name.startswith("zen") else scenes
            found_by.add(name, timed(way, given))
    return found_by


def timed(way: Callable[[Facts], object], scenes: Sequence[Facts]) -> float:
    """Microseconds of the processor an event; the fast go through the events several times a round."""
    events, started = 0, time.process_time()
    while (spent := time.process_time() - started) < ROUND_SECONDS:
        for scene in scenes:
            way(scene)
        events += len(scenes)
    return spent / events * 1e6
