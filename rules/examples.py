"""A policy's examples are its tests: what it wishes for with given facts, as `then` prints it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rules import actions, calendar, conditions, effects, exact, window, wishes
from rules.conditions import Unfit, read_fact
from rules.documents import canonical
from rules.faults import Fault, at, known, shown
from rules.parts import WEEKDAYS
from rules.policy import Example
from rules.rule import Definitions, Rule
from rules.window import Window

EXAMPLES_MIN = 2
TRAIT_WORDS = {
    ("tags", True): "tag", ("tags", False): "untag", ("segments", True): "join", ("segments", False): "leave",
}  # fmt: skip
Printed = dict[str, Any]


def check(rule: Rule, definitions: Definitions) -> list[Fault]:
    """Run every example; there must be one that fires and one that does not."""
    path, fired, faults = rule.path, set(), []
    if len(rule.policy.examples) < EXAMPLES_MIN:
        return [Fault(path, "/examples", "EXAMPLES_TOO_FEW", {"least": EXAMPLES_MIN})]
    for index, example in enumerate(rule.policy.examples):
        faults += run(rule, definitions, example, index)
        fired.add(bool(example.then))
    if len(fired) == 1:
        faults.append(Fault(path, "/examples", "EXAMPLES_ALL_FIRE" if True in fired else "EXAMPLES_NONE_FIRES"))
    return faults


def run(rule: Rule, definitions: Definitions, example: Example, index: int) -> list[Fault]:
    """One example against what the policy really does."""
    kind = example.on or rule.policy.on[0]
    steps = ("examples", index)
    if kind not in definitions.catalogue.kinds:
        params: dict[str, str | int] = {"name": shown(kind), "allowed": known(sorted(definitions.catalogue.kinds))}
        return [Fault(rule.path, at(*steps, "on"), "EVENT_UNKNOWN", params)]
    faults: list[Fault] = []
    facts = facts_of(rule, definitions, kind, example.given, (*steps, "given"), faults, lines=False)
    lines = [
        facts_of(rule, definitions, kind, line, (*steps, "lines", number), faults, lines=True)
        for number, line in enumerate(example.lines)
    ]
    if faults:
        return faults
    found = does(rule, definitions, kind, facts, lines)
    if found != [dict(one) for one in example.then]:
        params = {"expected": shown(canonical(example.then)), "found": shown(canonical(found))}
        return [Fault(rule.path, at(*steps, "then"), "EXAMPLE_DIFFERS", params)]
    return []


def facts_of(
    rule: Rule,
    definitions: Definitions,
    kind: str,
    given: Mapping[str, Any],
    steps: tuple[str | int, ...],
    faults: list[Fault],
    *,
    lines: bool,
) -> dict[str, Any]:
    """The facts an example gives; what it leaves out is unknown, and empty where it is counted."""
    own = {one.name: one for one in definitions.catalogue.variables.values() if (one.group == "line") is lines}
    facts: dict[str, Any] = {name: 0 if one.group == "points" else None for name, one in own.items()}
    for name, raw in given.items():
        variable = own.get(name)
        if variable is None or not variable.exists_on(kind):
            here = known(sorted(one.name for one in own.values() if one.exists_on(kind)))
            faults.append(
                Fault(rule.path, at(*steps, name), "VARIABLE_UNKNOWN", {"name": shown(name), "allowed": here})
            )
            continue
        try:
            facts[name] = read_fact(variable, raw)
        except Unfit as unfit:
            faults.append(Fault(rule.path, at(*steps, name), unfit.code, unfit.params))
    return facts


def does(rule: Rule, definitions: Definitions, kind: str, facts: dict[str, Any], lines: list[Any]) -> list[Printed]:
    """What a policy by itself wishes for: before stacking and limits, which depend on others."""
    dated(facts)
    facts[conditions.LINES] = lines
    if kind not in rule.policy.on or not inside(rule.policy.valid, facts, definitions):
        return []
    matched: tuple[int, ...] = ()
    if rule.by_line:
        matched = tuple(i for i, line in enumerate(lines) if conditions.holds(rule.condition, {**facts, **line}))
        if not matched:
            return []
    elif not conditions.holds(rule.condition, facts):
        return []
    scene = wishes.Scene(definitions, facts, lines, matched)
    return list(printed(wishes.wish(scene, rule), scene))


def dated(facts: dict[str, Any]) -> None:
    """A day that is given says its weekday and month too."""
    today = facts.get("today")
    if isinstance(today, date):
        for name, value in (("weekday", WEEKDAYS[today.weekday()]), ("month", today.month)):
            facts[name] = facts[name] if facts[name] is not None else value


def inside(valid: Window | None, facts: Mapping[str, Any], definitions: Definitions) -> bool:
    """Whether the day, weekday and hour an example gives are in the window; what it does not give is."""
    if valid is None:
        return True
    today, weekday, hour = facts["today"], facts["weekday"], facts["hour"]
    if today is not None:
        start = calendar.day_start(today, definitions.zone)
        if valid.start is not None and start < calendar.from_instant(valid.start, definitions.zone):
            return False
        if valid.until is not None and start >= calendar.until_instant(valid.until, definitions.zone):
            return False
        if window.unmet_by_day(valid, today) is not None:
            return False
    if weekday is not None and valid.weekdays is not None and weekday not in valid.weekdays:
        return False
    return hour is None or window.in_hours(valid, f"{hour:02d}:00")


def printed(wish: wishes.Wish, scene: wishes.Scene) -> Iterator[Printed]:
    """Wishes as a policy's `then` states them."""
    for params in wish.rule.actions:
        if isinstance(params, actions.Multiply):
            lines: Printed = {"lines": list(wish.lines)} if wish.rule.by_line else {}
            factor = (
                "by " + params.by if params.factor is None and params.by else exact.plain(params.factor or Decimal(1))
            )
            yield {"multiply": scene.wallet(params), "factor": factor, **lines}
    for earned in wish.earned:
        scale = scene.definitions.scale(earned.wallet)
        for line, points in zip(earned.lines, earned.points, strict=True):
            if points:
                place: Printed = {} if line is None else {"line": line}
                yield {"earn": earned.wallet, "points": amount(points, scale), **place}
    for effect in wish.effects:
        yield effect_printed(effect, scene)


def amount(points: int, scale: int) -> int | str:
    """Points as a document writes them: a whole number, or text in a wallet with decimals."""
    return points if scale == 0 else exact.text(points, scale)


def effect_printed(effect: effects.Effect, scene: wishes.Scene) -> Printed:
    """One effect that earns nothing."""
    return PRINTED[type(effect)](effect, scene)


def points_printed(points: int, wallet: str, scene: wishes.Scene) -> int | str:
    """Points of a wallet."""
    return amount(points, scene.definitions.scale(wallet))


def convert_printed(effect: effects.ConvertPoints, scene: wishes.Scene) -> Printed:
    """Points taken, how often, and for what."""
    more: Printed = {"times": effect.times} if effect.times != 1 else {}
    more |= {"issue": effect.benefit} if effect.benefit else {}
    return {"convert": effect.wallet, "points": points_printed(effect.points, effect.wallet, scene), **more}


def expire_printed(effect: effects.ExpirePoints, scene: wishes.Scene) -> Printed:
    """What ends, and what is kept."""
    keep = {"keep": points_printed(effect.keep, effect.wallet, scene)} if effect.keep else {}
    return {"expire": effect.wallet, **keep}


def revoke_printed(effect: effects.RevokeBenefit, scene: wishes.Scene) -> Printed:
    """What is taken back, and how many."""
    if effect.count is None:
        return {"revoke": effect.benefit, "all": True}
    return {"revoke": effect.benefit} | ({"count": effect.count} if effect.count != 1 else {})


def price_printed(effect: effects.PriceRedemption, scene: wishes.Scene) -> Printed:
    """A price; of values where there are any, with money where it asks for some."""
    named = {"value": effect.value, "money": effect.money, "upto": effect.upto}
    scale = scene.definitions.catalogue.currency_scale
    worth = {name: exact.text(one, scale) for name, one in named.items() if one is not None}
    return {"price": effect.benefit, "points": points_printed(effect.points, effect.wallet, scene), **worth}


PRINTED: Mapping[type, Callable[[Any, wishes.Scene], Printed]] = {
    effects.ConvertPoints: convert_printed,
    effects.ExpirePoints: expire_printed,
    effects.RedatePoints: lambda effect, scene: {"redate": effect.wallet},
    effects.MaturePoints: lambda effect, scene: {"mature": effect.wallet},
    effects.IssueBenefit: lambda effect, scene: (
        {"issue": effect.benefit} | ({"count": effect.count} if effect.count != 1 else {})
    ),
    effects.RevokeBenefit: revoke_printed,
    effects.UpgradeBenefit: lambda effect, scene: {"upgrade": effect.benefit, "to": effect.to},
    effects.PriceRedemption: price_printed,
    effects.Refuse: lambda effect, scene: {"refuse": True},
    effects.Enrol: lambda effect, scene: {"enrol": True},
    effects.SendMessage: lambda effect, scene: {"send": effect.template},
    effects.MoveTier: lambda effect, scene: {"move_tier": effect.ladder, "to": effect.tier},
    effects.ProtectTier: lambda effect, scene: {
        "protect_tier": effect.ladder,
        "for": effect.span.model_dump(exclude_none=True),
    },
    effects.SetTrait: lambda effect, scene: {TRAIT_WORDS[effect.what, effect.there]: effect.name},
    effects.RaiseAlert: lambda effect, scene: {"alert": effect.severity},
    effects.FreezeWallet: lambda effect, scene: {"freeze": effect.wallet},
    effects.ExtendTier: lambda effect, scene: {
        "extend_tier": effect.ladder,
        "by": effect.span.model_dump(exclude_none=True),
    },
}
