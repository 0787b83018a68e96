"""What a benefit must keep to beyond its form: what its kind says and no more, money that exists, names that there are.

A benefit with a price of its own, or one that multiplies, brings a policy with it: nobody has to write it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from rules import check_ladders, check_policy, early, exact
from rules.benefit_terms import Life, PromoCode, Quota
from rules.benefits import Benefit
from rules.calendar import from_instant, until_instant
from rules.check_audience import asked, tier_leaf, tier_variable
from rules.conditions import All, Condition
from rules.facts import Catalogue, variable_key
from rules.faults import Fault, at, known, listed, shown
from rules.policy import Action, Policy
from rules.rule import Definitions, Rule

PERCENT_MAX: Final = 100
Steps = tuple[str | int, ...]
Found = Iterator[tuple[Steps, str, dict[str, str | int]]]


class Kind(NamedTuple):
    """What a kind of benefit says of itself: what it must, and what it may."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


GOODS: Final = Kind((), ("items",))
KINDS: Final[Mapping[str, Kind]] = {
    "access": Kind(),
    "adviser": Kind(),
    "amount_off": Kind((), ("value",)),
    "badge": Kind(),
    "cash_back": Kind((), ("value", "percent", "most")),
    "check_up": Kind(),
    "content": Kind((), ("link",)),
    "delivery_time": Kind(),
    "early_access": Kind(),
    "event": Kind(),
    "fast_lane": Kind(),
    "free_shipping": Kind((), ("within_hours",)),
    "gift": GOODS,
    "gift_pack": Kind((), ("items", "contains")),
    "gift_with_purchase": Kind(("items", "minimum_spend"), ("items",)),
    "limited_edition": GOODS,
    "made_to_order": GOODS,
    "members_only": GOODS,
    "membership_plan": Kind(("plan",), ("plan", "contains")),
    "multiplier": Kind(("factor",), ("factor",)),
    "partner_benefit": Kind(("partner",), ("partner", "link")),
    "percent_off": Kind(("value",), ("value", "most")),
    "service": Kind(),
    "shipping_upgrade": Kind(("within_hours",), ("within_hours",)),
    "warranty": Kind((), ("extends",)),
}
OF_KIND: Final = (
    "value", "percent", "factor", "most", "items", "contains", "extends", "within_hours", "link", "plan", "partner",
)  # fmt: skip
# What cannot stand beside what: a piece that is sold is not free, one that everybody has is not given.
APART: Final = (
    ("claim", "price"), ("standing", "price"), ("standing", "claim"), ("standing", "promo_codes"), ("standing", "code"),
    ("standing", "stock"), ("standing", "uses"), ("standing", "per_member"), ("standing", "quotas"),
    ("value", "percent"),
)  # fmt: skip


def define(definitions: Definitions, found: list[Fault]) -> Definitions:
    """The definitions with the conditions of benefits typed; what is wrong with benefits joins the faults."""
    available: dict[str, Condition | None] = {}
    first: dict[str, tuple[Condition | None, ...]] = {}
    for key, benefit in definitions.benefits.items():
        own = [
            Fault(f"benefits/{key}", at(*steps), code, more) for steps, code, more in faults(key, benefit, definitions)
        ]
        if not any(one.pointer.startswith(("/tiers", "/segments")) for one in own):
            available[key] = available_to(key, benefit, definitions, own)
        first[key] = early_to(key, benefit, definitions, own)
        found += own
    return replace(definitions, available_to=available, early_to=first)


def faults(key: str, benefit: Benefit, definitions: Definitions) -> Found:
    """Everything that is wrong with one benefit, its conditions and its price excepted."""
    if "/" in key:
        yield (), "BAD_PATH", {"path": f"benefits/{key}"}
    yield from of_kind(benefit)
    yield from sizes(benefit, definitions.catalogue)
    yield from apart(benefit)
    yield from times(benefit, definitions)
    yield from names(key, benefit, definitions)
    for part, most in (benefit.sub_limits or {}).items():
        if benefit.uses is None:
            yield ("sub_limits", part), "FIELD_NOT_HERE", {"field": "sub_limits", "allowed": "uses"}
        elif most > benefit.uses:
            yield ("sub_limits", part), "OUT_OF_RANGE", {"allowed": f"≤ {benefit.uses}"}


def of_kind(benefit: Benefit) -> Found:
    """What this kind must say, and what only other kinds say."""
    kind = KINDS[benefit.kind]
    for name in kind.must:
        if getattr(benefit, name) is None:
            yield (name,), "FIELD_MISSING", {"field": name}
    for name in OF_KIND:
        if getattr(benefit, name) is not None and name not in kind.may:
            yield (name,), "FIELD_NOT_HERE", {"field": name, "allowed": listed(kinds_with(name))}
    if benefit.most is not None and benefit.kind == "cash_back" and benefit.percent is None:
        yield ("most",), "FIELD_NOT_HERE", {"field": "most", "allowed": "percent"}


def kinds_with(name: str) -> list[str]:
    """The kinds that say a thing."""
    return [key for key, kind in KINDS.items() if name in kind.may]


def sizes(benefit: Benefit, catalogue: Catalogue) -> Found:
    """Money in the currency's own units, shares of no more than everything."""
    scale = catalogue.currency_scale
    money: dict[Steps, Any] = {(name,): getattr(benefit, name) for name in ("minimum_spend", "cost", "most")}
    if benefit.kind != "percent_off":
        money["value",] = benefit.value
    if benefit.plan is not None:
        money["plan", "fee"] = benefit.plan.fee
    for steps, amount in money.items():
        if amount is not None and exact.units(amount, scale) is None:
            yield steps, "VALUE_AMOUNT", {"scale": scale}
    for name in ("percent", *(("value",) if benefit.kind == "percent_off" else ())):
        share = getattr(benefit, name)
        if share is not None and share > PERCENT_MAX:
            yield (name,), "OUT_OF_RANGE", {"allowed": f"> 0, ≤ {PERCENT_MAX}"}
    if benefit.factor is not None and not 1 <= benefit.factor <= PERCENT_MAX:
        yield ("factor",), "OUT_OF_RANGE", {"allowed": f"≥ 1, ≤ {PERCENT_MAX}"}


def apart(benefit: Benefit) -> Found:
    """What contradicts itself, and what says nothing by itself."""
    for name, other in APART:
        if getattr(benefit, name) and getattr(benefit, other):
            yield (other,), "FIELDS_APART", {"field": other, "other": name}
    if benefit.supply is not None and benefit.supply.low_stock is not None and benefit.stock is None:
        yield ("supply", "low_stock"), "FIELD_NOT_HERE", {"field": "low_stock", "allowed": "stock"}


def times(benefit: Benefit, definitions: Definitions) -> Found:
    """Everything that opens closes after it."""
    spans: dict[Steps, Life | Quota | PromoCode | None] = {("valid",): benefit.valid}
    spans |= {("quotas", index): one for index, one in enumerate(benefit.quotas)}
    spans |= {("promo_codes", index): one for index, one in enumerate(benefit.promo_codes)}
    for steps, one in spans.items():
        if one is None or one.start is None:
            continue
        if one.until is not None and from_instant(one.start, definitions.zone) >= until_instant(
            one.until, definitions.zone
        ):
            yield (*steps, "until"), "WINDOW_EMPTY", {}
        elif isinstance(one, Quota) and one.until is None:
            yield (*steps, "from"), "FIELD_NOT_HERE", {"field": "from", "allowed": "until"}
    for steps_in, code, params in early.faults(benefit.opening, definitions.zone):
        yield ("opening", *steps_in), code, params


def names(key: str, benefit: Benefit, definitions: Definitions) -> Found:
    """Benefits, segments and levels that there are; promo codes that are nobody else's."""
    for index, one in enumerate(benefit.contains or ()):
        steps = ("contains", index, "benefit")
        inside = definitions.benefits.get(one.benefit)
        if inside is None:
            yield steps, "BENEFIT_UNKNOWN", {"name": one.benefit, "allowed": listed(definitions.benefits)}
        elif inside.contains is not None:
            yield steps, "CONTAINS_NESTED", {"name": one.benefit}
    variables = definitions.catalogue.variables
    for index, segment in enumerate(benefit.segments or ()):
        if segment not in definitions.segments:
            allowed = known(variables["member_segments"].options)
            yield ("segments", index), "SEGMENT_UNKNOWN", {"name": shown(segment), "allowed": allowed}
    yield from levels(benefit, definitions)
    for index, promo in enumerate(benefit.promo_codes):
        taken = owner_of(promo.code, definitions.benefits)
        if taken != (key, index):
            yield ("promo_codes", index, "code"), "NAME_TAKEN", {"name": promo.code}


def levels(benefit: Benefit, definitions: Definitions) -> Found:
    """A ladder that there is, and levels of it."""
    if benefit.tiers is None:
        return
    name = tier_variable(benefit.tiers, definitions)
    if name is None:
        if benefit.tiers.ladder is None:
            yield ("tiers",), "LADDER_NOT_SAID", {"allowed": listed(definitions.standards)}
        else:
            params: dict[str, str | int] = {"name": benefit.tiers.ladder, "allowed": listed(definitions.standards)}
            yield ("tiers", "ladder"), "LADDER_UNKNOWN", params
        return
    there = definitions.catalogue.variables[name].options
    wanted: list[tuple[Steps, str]] = [(("tiers", "one_of", i), k) for i, k in enumerate(benefit.tiers.one_of or ())]
    if benefit.tiers.at_least is not None:
        wanted.append((("tiers", "at_least"), benefit.tiers.at_least))
    for steps, level in wanted:
        if level not in there:
            yield steps, "LEVEL_UNKNOWN", {"name": level, "allowed": known(there)}


def owner_of(code: str, benefits: Mapping[str, Benefit]) -> tuple[str, int] | None:
    """Whose a promo code is: the first benefit that names it, and where."""
    for key, benefit in sorted(benefits.items()):
        for index, promo in enumerate(benefit.promo_codes):
            if promo.code.casefold() == code.casefold():
                return key, index
    return None


def available_to(key: str, benefit: Benefit, definitions: Definitions, found: list[Fault]) -> Condition | None:
    """Who may have it, as one condition: the level, a segment, and what it asks besides. Names have been checked."""
    own = check_ladders.condition(f"benefits/{key}", benefit.available_to, definitions.catalogue, found, "available_to")
    parts: list[Condition] = []
    if benefit.tiers is not None:
        parts.append(tier_leaf(benefit.tiers, definitions))
    if benefit.segments is not None:
        named = benefit.segments
        parts.append(asked(definitions.catalogue, "member_segments", "contains_any", frozenset(named), list(named)))
    if not parts:
        return own
    return All((*parts, own)) if own is not None else All(tuple(parts)) if len(parts) > 1 else parts[0]


def early_to(key: str, benefit: Benefit, definitions: Definitions, found: list[Fault]) -> tuple[Condition | None, ...]:
    """Who comes in before the public, group by group."""
    groups = benefit.opening.early if benefit.opening is not None else ()
    return tuple(
        check_ladders.condition(
            f"benefits/{key}", one.to, definitions.catalogue, found, "opening", "early", index, "to"
        )
        for index, one in enumerate(groups)
    )


def rules(definitions: Definitions) -> tuple[dict[str, Rule], list[Fault]]:
    """The policies that benefits bring with them, and what is wrong with those."""
    made: dict[str, Rule] = {}
    wrong: list[Fault] = []
    for key, benefit in definitions.benefits.items():
        for name, policy in policies(key, benefit):
            rule, own = check_policy.read(f"benefits/{key}/{name}", policy, definitions)
            wrong += [at_home(one) for one in own]
            if rule is not None:
                made[rule.path] = rule
    return made, wrong


def by_policy(benefits: Mapping[str, Benefit], there: Mapping[str, Policy]) -> list[Fault]:
    """Quotas of what one policy gives name a policy that there is."""
    return [
        Fault(
            f"benefits/{key}",
            at("quotas", index, "policy"),
            "POLICY_UNKNOWN",
            {"name": one.policy, "allowed": known(sorted(there))},
        )
        for key, benefit in benefits.items()
        for index, one in enumerate(benefit.quotas)
        if one.policy is not None and one.policy not in there
    ]


def policies(key: str, benefit: Benefit) -> Iterator[tuple[str, Policy]]:
    """What a benefit does by itself: it is sold at its price, it multiplies what orders earn."""
    if benefit.price is not None:
        own = json.loads(benefit.price.model_dump_json(exclude_defaults=True))
        name = "price_fixed" if benefit.price.points is not None else "price_stepped"
        action = Action(name=name, params={"benefit": key, **own})
        yield "price", Policy(title=benefit.title, on=("points.redeem",), actions=(action,))
    if benefit.factor is not None:
        action = Action(name="multiply_points", params={"factor": str(benefit.factor)})
        held = {"name": f"held_{variable_key(key)}", "operator": "greater_than", "value": 0}
        conditions = benefit.available_to if benefit.standing else held
        tiers = benefit.tiers if benefit.standing else None
        audience = {"tiers": tiers, "segments": benefit.segments} if benefit.standing else {}
        yield (
            "multiplier",
            Policy.model_validate(
                {
                    "title": benefit.title,
                    "on": ("order.paid",),
                    "conditions": conditions,
                    "actions": (action,),
                    "audience": {name: one for name, one in audience.items() if one is not None} or None,
                }
            ),
        )


def pointer(name: str, found: str) -> str:
    """Where in the benefit a fault of the policy it brings stands."""
    head = at("actions", 0, "params")
    if name == "price":
        return "/price" + (found.removeprefix(head) if found.startswith(head) else "")
    return "/factor"


def at_home(fault: Fault) -> Fault:
    """What is said of a policy that a benefit brings is said of the benefit."""
    parts = fault.path.split("/")
    if parts[0] != "benefits" or len(parts) != 3:
        return fault
    return replace(fault, path="/".join(parts[:2]), pointer=pointer(parts[2], fault.pointer))
