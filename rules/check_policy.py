"""A policy against the definitions: events, conditions, actions and their parameters, limits, window, group."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from rules import (
    actions,
    calendar,
    check_audience,
    check_bounds,
    check_earning,
    check_expiry,
    check_ladders,
    check_moments,
    check_partners,
    check_pricing,
    choosing,
    envelope,
    exact,
    reminders,
)
from rules.check_conditions import Reader
from rules.conditions import All, Condition
from rules.facts import WANTED
from rules.faults import Fault, at, known, listed, shown
from rules.limits import named
from rules.policy import Action, Limits, Policy
from rules.rule import Definitions, Rule

LINE_KIND = "order.paid"
ALONE = (actions.Refusal, actions.Enrolment)
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def read(path: str, policy: Policy, definitions: Definitions) -> tuple[Rule | None, list[Fault]]:
    """A policy typed, or everything that is wrong with it."""
    faults = [Fault(path, at(*steps), code, params) for steps, code, params in envelope_faults(policy, definitions)]
    reader = Reader(path, definitions.catalogue, policy.on, lines=policy.scope == "line")
    asked = None
    if policy.conditions is not None and not any(fault.pointer.startswith("/on") for fault in faults):
        asked = reader.read(policy.conditions, "conditions")
        faults += reader.faults
    audience, wrong = check_audience.read(path, policy, definitions)
    faults += [*wrong, *check_audience.calendar(path, policy)]
    faults += [
        Fault(path, at(*steps), code, params) for steps, code, params in check_moments.faults(policy, definitions)
    ]
    typed: list[actions.Params] = []
    for index, action in enumerate(policy.actions):
        params, wrong = action_of(path, index, action)
        faults += wrong
        if params is not None:
            params = check_partners.rated(params, definitions.partners)
            rounding = definitions.programme.rounding
            typed.append(actions.settled(params, rounding, by_line=policy.scope == "line"))
            wrongs = chain(action_faults(policy, params, definitions), check_bounds.generous(params))
            faults += [Fault(path, at("actions", index, *steps), code, more) for steps, code, more in wrongs]
    if len(typed) == len(policy.actions):
        found = together(policy, typed, definitions)
        faults += [Fault(path, at(*steps), code, more) for steps, code, more in found]
    if any(fault.severity == "error" for fault in faults):
        return None, faults
    return Rule(path, policy, both(audience, asked), tuple(typed), audience, asked), faults


def both(audience: Condition | None, asked: Condition | None) -> Condition | None:
    """All that must hold: each part of the audience, and what the policy itself asks."""
    if not isinstance(audience, All):
        return asked
    return audience if asked is None else All((*audience.parts, asked))


def fragments(path: str, document: Mapping[str, Any], definitions: Definitions) -> list[Fault]:
    """What can still be checked of a policy whose envelope is broken, so that one look finds all there is."""
    on, faults = document.get("on"), []
    kinds = definitions.catalogue.kinds
    if "conditions" in document and isinstance(on, list) and on and all(isinstance(k, str) and k in kinds for k in on):
        reader = Reader(path, definitions.catalogue, on, lines=document.get("scope") == "line")
        reader.read(document["conditions"], "conditions")
        # What the envelope has said already is not said twice.
        faults += [fault for fault in reader.faults if fault.pointer != "/conditions" or fault.code != "WRONG_TYPE"]
    for index, action in enumerate(listing(document.get("actions"))):
        if isinstance(action, Mapping) and isinstance(action.get("name"), str):
            params = action.get("params", {})
            if isinstance(params, Mapping):
                faults += action_of(path, index, Action(name=action["name"], params=dict(params)))[1]
    return faults


def listing(raw: object) -> list[Any]:
    """A list, or nothing."""
    return raw if isinstance(raw, list) else []


def envelope_faults(policy: Policy, definitions: Definitions) -> Found:
    """Events that exist, a scope they have, a window that opens before it closes."""
    kinds = definitions.catalogue.kinds
    for index, kind in enumerate(policy.on):
        if kind not in kinds:
            yield ("on", index), "EVENT_UNKNOWN", {"name": shown(kind), "allowed": known(sorted(kinds))}
        elif policy.on.index(kind) != index:
            yield ("on", index), "NAME_TAKEN", {"name": kind}
    if policy.scope == "line" and set(policy.on) != {LINE_KIND}:
        yield ("scope",), "SCOPE_LINE", {"allowed": LINE_KIND}
    valid = policy.valid
    if valid and valid.start is not None and valid.until is not None:
        opens = calendar.from_instant(valid.start, definitions.zone)
        if opens >= calendar.until_instant(valid.until, definitions.zone):
            yield ("valid", "until"), "WINDOW_EMPTY", {}


def action_of(path: str, index: int, action: Action) -> tuple[actions.Params | None, list[Fault]]:
    """An action with its parameters typed; the name is looked up in the catalogue and nowhere else."""
    kind = actions.ACTIONS.get(action.name)
    if kind is None:
        more: dict[str, str | int] = {"name": shown(action.name), "allowed": listed(actions.ACTIONS)}
        return None, [Fault(path, at("actions", index, "name"), "ACTION_UNKNOWN", more)]
    return envelope.read(kind.params, action.params, path, "actions", index, "params")


def action_faults(policy: Policy, params: actions.Params, definitions: Definitions) -> Found:
    """An action where it makes sense, naming what exists."""
    kind = actions.ACTIONS[params.name]
    for event in policy.on:
        if event in definitions.catalogue.kinds and not kind.allowed_on(event):
            allowed = listed(one for one in sorted(definitions.catalogue.kinds) if kind.allowed_on(one))
            yield ("name",), "ACTION_NOT_HERE", {"name": params.name, "event": event, "allowed": allowed}
    if policy.scope == "line" and not kind.by_line:
        yield ("name",), "ACTION_NOT_BY_LINE", {"name": params.name}
    wallets, benefits = definitions.programme.wallets, definitions.benefits
    wallet, benefit = actions.wallet_of(params), actions.benefit_of(params)
    if wallet is not None and wallet not in wallets:
        yield ("params", "wallet"), "WALLET_UNKNOWN", {"name": wallet, "allowed": listed(wallets)}
        return
    yield from segment_faults(params, definitions)
    if benefit is not None and benefit not in benefits:
        field = "from" if isinstance(params, actions.Upgrade) else "benefit"
        yield ("params", field), "BENEFIT_UNKNOWN", {"name": benefit, "allowed": listed(benefits)}
    scale = definitions.scale(wallet or definitions.programme.main_wallet)
    yield from point_faults(params, scale, definitions)
    for model, own_faults in OWN_FAULTS:
        if isinstance(params, model):
            yield from own_faults(policy, params, definitions)


def segment_faults(params: actions.Params, definitions: Definitions) -> Found:
    """A segment that members can be put into: it exists, and nothing else says who is in it."""
    segment = actions.segment_of(params)
    if segment is None:
        return
    static = [key for key, one in definitions.segments.items() if one.static]
    if segment not in definitions.segments:
        yield ("params", "segment"), "SEGMENT_UNKNOWN", {"name": segment, "allowed": listed(static)}
    elif segment not in static:
        yield ("params", "segment"), "SEGMENT_COMPUTED", {"name": segment, "allowed": listed(static)}


def point_faults(params: actions.Params, scale: int, definitions: Definitions) -> Found:
    """Points that the wallet can hold, taken from a wallet that can be spent."""
    spends = isinstance(params, actions.Convert | actions.Price)
    wallet = actions.wallet_of(params) or definitions.programme.main_wallet
    if spends and not definitions.programme.wallets[wallet].spendable:
        yield ("params", "wallet"), "WALLET_NOT_SPENDABLE", {"name": wallet}
    for steps, points in stated(params):
        if exact.units(points, scale) is None:
            yield steps, "VALUE_POINTS", {"scale": scale}


def stated(params: actions.Params) -> Iterator[tuple[tuple[str | int, ...], Decimal]]:
    """The numbers of points that are posted as they stand; a rate is not one of them."""
    if isinstance(params, actions.PriceStepped):
        for index, step in enumerate(params.steps):
            yield ("params", "steps", index, "points"), step.points
    elif isinstance(params, actions.EarnBySteps) and params.mode in check_earning.WHOLE:
        for index, rung in enumerate(params.steps):
            yield ("params", "steps", index, "points"), rung.points
    elif isinstance(params, actions.EarnPoints | actions.Convert | actions.PriceFixed):
        yield ("params", "points"), params.points
    elif isinstance(params, actions.Expire) and params.keep is not None:
        yield ("params", "keep"), params.keep
    if isinstance(params, actions.ByAmount) and params.cap is not None:
        yield ("params", "cap"), params.cap


def upgrade_faults(policy: Policy, params: actions.Upgrade, definitions: Definitions) -> Found:
    """An upgrade leads from one benefit to another."""
    if params.to not in definitions.benefits:
        yield ("params", "to"), "BENEFIT_UNKNOWN", {"name": params.to, "allowed": listed(definitions.benefits)}
    elif params.to == params.benefit:
        yield ("params", "to"), "NAME_TAKEN", {"name": params.to}


def end_faults(policy: Policy, params: actions.Earning, definitions: Definitions) -> Found:
    """An end of its own that points can have."""
    if params.expires is not None:
        ladders = {key: own.ladder for key, own in definitions.standards.items()}
        for steps, code, more in check_expiry.faults(params.expires, definitions.programme, ladders, wallet=False):
            yield ("params", "expires", *steps), code, more


def purpose_faults(policy: Policy, params: actions.Message, definitions: Definitions) -> Found:
    """A purpose that a member can consent to."""
    allowed = sorted({reminders.PURPOSE, *definitions.programme.consents})
    if params.purpose is not None and params.purpose not in allowed:
        yield ("params", "purpose"), "CONSENT_UNKNOWN", {"name": params.purpose, "allowed": listed(allowed)}


# What the parameters of an action must keep to beyond what all have in common.
OWN_FAULTS: tuple[tuple[type[actions.Params], Callable[[Policy, Any, Definitions], Found]], ...] = (
    (actions.Earning, end_faults),
    (actions.ByAmount, check_earning.faults),
    (actions.Multiply, check_earning.factor_faults),
    (actions.Price, check_pricing.faults),
    (actions.Upgrade, upgrade_faults),
    (actions.IssueByChoice, choosing.faults),
    (actions.Message, purpose_faults),
    (actions.TierAction, check_ladders.action_faults),
)


def together(policy: Policy, typed: list[actions.Params], definitions: Definitions) -> Found:
    """Actions that go together, and limits that mean something for them."""
    for index, params in enumerate(typed):
        if isinstance(params, ALONE) and len(typed) > 1:
            yield ("actions", index), "ACTION_ALONE", {"name": params.name}
    if any(isinstance(one, actions.Multiply) for one in typed):
        for index, params in enumerate(typed):
            if isinstance(params, actions.ByAmount):
                yield ("actions", index), "MULTIPLIES_ITSELF", {}
    if policy.limits is not None:
        yield from limit_faults(policy, policy.limits, typed, definitions)


def limit_faults(policy: Policy, limits: Limits, typed: list[actions.Params], definitions: Definitions) -> Found:
    """Limits count something: a member's times, or the points of one wallet."""
    if WANTED in policy.on:
        yield ("limits",), "LIMIT_WITHOUT_MEMBER", {"event": WANTED}
    if limits.times_per_order is not None and policy.scope != "line":
        yield ("limits", "times_per_order"), "LIMIT_NEEDS_LINES", {"name": "times_per_order"}
    main = definitions.programme.main_wallet
    wallets = {actions.wallet_of(one) or main for one in typed if actions.limited(one)}
    for name in (name for name, _ in named(limits) if name.startswith("points")):
        if len(wallets) != 1:
            yield ("limits", name), "LIMIT_ONE_WALLET", {"name": name}
    if limits.budget is not None:
        yield from budget_faults(limits.budget, wallets, definitions)


def budget_faults(name: str, wallets: set[str], definitions: Definitions) -> Found:
    """A budget that exists, in the wallet that is earned."""
    budgets = definitions.programme.budgets
    if name not in budgets:
        yield ("limits", "budget"), "BUDGET_UNKNOWN", {"name": name, "allowed": listed(budgets)}
    elif budgets[name].points is None:
        return
    elif len(wallets) != 1:
        yield ("limits", "budget"), "LIMIT_ONE_WALLET", {"name": "budget"}
    elif wallets != {budgets[name].wallet or definitions.programme.main_wallet}:
        yield ("limits", "budget"), "BUDGET_WALLET", {"name": name}


def groups(rules: Mapping[str, Rule]) -> list[Fault]:
    """A group has one mode, and what multiplies does not compete with what it multiplies."""
    first: dict[str, Rule] = {}
    faults = []
    for path, rule in sorted(rules.items()):
        stacking = rule.policy.stacking
        if stacking is None:
            continue
        if stacking.mode == "multiply" and not rule.multiplies:
            faults.append(Fault(path, "/stacking/mode", "MODE_NEEDS_FACTOR", {"allowed": "multiply_points"}))
        other = first.setdefault(stacking.group, rule)
        params: dict[str, str | int] = {"group": stacking.group, "other": other.path}
        if other.policy.stacking and other.policy.stacking.mode != stacking.mode:
            faults.append(Fault(path, "/stacking/mode", "GROUP_MODES", params | {"mode": other.policy.stacking.mode}))
        if other.multiplies is not rule.multiplies:
            faults.append(Fault(path, "/stacking/group", "GROUP_MIXED", params))
    return faults
