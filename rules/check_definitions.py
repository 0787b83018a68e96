"""What a programme's definitions must keep to beyond their form: names that exist, figures that come out even."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules import exact
from rules.check_conditions import Reader
from rules.conditions import Condition
from rules.facts import KINDS, RESERVED, Catalogue, payload_type
from rules.faults import Fault, at, known, listed, shown
from rules.policy import Benefit, EventType, Ladder, Metric, PayloadField, Programme
from rules.rule import Definitions, Standard

EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
EVENT_TYPE_MAX = 64
OWN_EVENTS = ("order.", "member.", "profile.", "points.", "tier.", "hold.", "code.", "clock.", "benefit.", "partner.")
OWN_NAMES = ("balance_", "tier_", "payload_")
VALUED = ("amount_off", "percent_off")
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def programme(document: Programme) -> Found:
    """The faults of `programme.json` by itself."""
    try:
        ZoneInfo(document.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("zone",), "BAD_ZONE", {"value": shown(document.zone)}
    if len(document.wallets) > 1 and sum(wallet.main for wallet in document.wallets.values()) != 1:
        yield ("wallets",), "WALLET_MAIN", {}
    for name, metric in document.metrics.items():
        for steps, code, params in metric_faults(name, metric, document):
            yield ("metrics", name, *steps), code, params
    for name, event in document.event_types.items():
        for steps, code, params in event_faults(name, event):
            yield ("event_types", name, *steps), code, params
    yield from payload_faults(document)
    for name, budget in document.budgets.items():
        wallet = budget.wallet or document.main_wallet
        if wallet not in document.wallets:
            yield ("budgets", name, "wallet"), "WALLET_UNKNOWN", {"name": wallet, "allowed": listed(document.wallets)}
        elif exact.units(budget.points, document.wallets[wallet].scale) is None:
            yield ("budgets", name, "points"), "VALUE_POINTS", {"scale": document.wallets[wallet].scale}


def metric_faults(name: str, metric: Metric, document: Programme) -> Found:
    """A metric counts or sums one thing."""
    if name in RESERVED or name.startswith(OWN_NAMES):
        yield (), "NAME_TAKEN", {"name": name}
    if (metric.count is None) == (metric.sum is None):
        yield (), "EXACTLY_ONE", {"allowed": "count, sum", "value": name}
    if metric.wallet is not None and metric.sum != "earned":
        yield ("wallet",), "FIELD_NOT_HERE", {"field": "wallet", "allowed": '"sum": "earned"'}
    elif metric.wallet is not None and metric.wallet not in document.wallets:
        yield ("wallet",), "WALLET_UNKNOWN", {"name": metric.wallet, "allowed": listed(document.wallets)}
    if metric.count == "events" and metric.type not in document.event_types:
        yield ("type",), "EVENT_UNKNOWN", {"name": shown(metric.type), "allowed": known(document.event_types)}
    elif metric.count != "events" and metric.type is not None:
        yield ("type",), "FIELD_NOT_HERE", {"field": "type", "allowed": '"count": "events"'}


def event_faults(name: str, event: EventType) -> Found:
    """A declared event has a name of its own and a schema that hangs together."""
    if not EVENT_TYPE.fullmatch(name) or len(name) > EVENT_TYPE_MAX:
        yield (), "BAD_NAME", {"value": shown(name), "pattern": f"^{EVENT_TYPE.pattern}$"}
    if name in KINDS or name.startswith(OWN_EVENTS):
        yield (), "NAME_TAKEN", {"name": name}
    own = event.schema_.properties
    for index, required in enumerate(event.schema_.required):
        if required not in own:
            yield ("schema", "required", index), "FIELD_UNKNOWN", {"field": shown(required), "allowed": listed(own)}
    for label in event.labels:
        if label not in own:
            yield ("labels", label), "FIELD_UNKNOWN", {"field": shown(label), "allowed": listed(own)}
    for key, one in own.items():
        for word, wanted in misplaced(one):
            yield (
                ("schema", "properties", key, word),
                "FIELD_NOT_HERE",
                {"field": word, "allowed": f'"type": "{wanted}"'},
            )


def misplaced(own: PayloadField) -> Iterator[tuple[str, str]]:
    """Words of JSON Schema that say nothing about a field of this type."""
    words: dict[str, dict[str, object]] = {
        "string": {"enum": own.enum, "format": own.format, "minLength": own.min_length, "maxLength": own.max_length},
        "integer": {"minimum": own.minimum, "maximum": own.maximum},
        "array": {"items": own.items, "maxItems": own.max_items},
    }
    here = "integer" if own.type == "number" else own.type
    for wanted, values in words.items():
        yield from ((word, wanted) for word, value in values.items() if wanted != here and value is not None)


def payload_faults(document: Programme) -> Found:
    """A payload field means the same in every event that has it: it is one variable."""
    seen: dict[str, str] = {}
    for name, event in document.event_types.items():
        for key, own in event.schema_.properties.items():
            kind = payload_type(own)
            if seen.setdefault(key, kind) != kind:
                steps = ("event_types", name, "schema", "properties", key)
                yield steps, "PAYLOAD_DIFFERS", {"name": key, "type": kind, "other": seen[key]}


def define(
    document: Programme, ladders: Mapping[str, Ladder], benefits: Mapping[str, Benefit], catalogue: Catalogue
) -> tuple[Definitions, list[Fault]]:
    """The definitions typed, and what is wrong between them."""
    faults: list[Fault] = []
    if document.ladder is not None and document.ladder not in ladders:
        params = {"name": document.ladder, "allowed": listed(ladders)}
        faults.append(Fault("programme", "/ladder", "LADDER_UNKNOWN", params))
    standards = {key: standard(key, ladder, catalogue, faults) for key, ladder in ladders.items()}
    available = {}
    for key, benefit in benefits.items():
        path = f"benefits/{key}"
        faults += [Fault(path, at(*steps), code, more) for steps, code, more in benefit_faults(key, benefit, catalogue)]
        available[key] = condition(path, benefit.available_to, catalogue, faults, "available_to")
    made = Definitions(document, catalogue, standards, benefits, available, ZoneInfo(document.zone))
    return made, faults


def condition(path: str, raw: object, catalogue: Catalogue, faults: list[Fault], *steps: str | int) -> Condition | None:
    """A definition's condition, over what is known of a member at any time."""
    if raw is None:
        return None
    reader = Reader(path, catalogue, None)
    found = reader.read(raw, *steps)
    faults += reader.faults
    return found


def standard(key: str, ladder: Ladder, catalogue: Catalogue, faults: list[Fault]) -> Standard:
    """A ladder with its conditions typed."""
    path, seen = f"tiers/{key}", set()
    if "/" in key:
        faults.append(Fault(path, "", "BAD_PATH", {"path": path}))
    for rank, level in enumerate(ladder.levels):
        if level.key in seen:
            faults.append(Fault(path, at("levels", rank, "key"), "NAME_TAKEN", {"name": level.key}))
        seen.add(level.key)
        if (rank == 0) is not (level.reach is None):
            faults.append(Fault(path, at("levels", rank), "REACH_LOWEST" if rank == 0 else "REACH_MISSING"))
    reach = tuple(
        condition(path, level.reach, catalogue, faults, "levels", rank, "reach")
        for rank, level in enumerate(ladder.levels)
    )
    when = ladder.demotion.when if ladder.demotion else None
    return Standard(ladder, reach, condition(path, when, catalogue, faults, "demotion", "when"))


def benefit_faults(key: str, benefit: Benefit, catalogue: Catalogue) -> Found:
    """A benefit says what its kind needs, in money that exists."""
    if "/" in key:
        yield (), "BAD_PATH", {"path": f"benefits/{key}"}
    for name in ("minimum_spend", "cost") + (("value",) if benefit.kind == "amount_off" else ()):
        amount = getattr(benefit, name)
        if amount is not None and exact.units(amount, catalogue.currency_scale) is None:
            yield (name,), "VALUE_AMOUNT", {"scale": catalogue.currency_scale}
    if benefit.kind == "percent_off" and (benefit.value is None or benefit.value > 100):
        yield ("value",), "OUT_OF_RANGE", {"allowed": "> 0, ≤ 100"}
    if benefit.value is not None and benefit.kind not in VALUED:
        yield ("value",), "FIELD_NOT_HERE", {"field": "value", "allowed": listed(VALUED)}
    if (benefit.kind == "partner_benefit") is not (benefit.partner is not None):
        code = "FIELD_MISSING" if benefit.partner is None else "FIELD_NOT_HERE"
        yield ("partner",), code, {"field": "partner", "allowed": "partner_benefit"}
