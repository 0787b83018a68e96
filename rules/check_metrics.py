"""What a programme's metrics must keep to: one form each, with the words and the window that belong to it."""

from collections.abc import Iterator, Mapping

from rules.check_conditions import Reader
from rules.conditions import Condition
from rules.facts import RESERVED, Catalogue, payload_type
from rules.faults import Fault, known, listed, shown
from rules.filters import catalogue_for, kind_of
from rules.metrics import FORMS, Metric
from rules.programme import Programme

OWN_NAMES = ("balance_", "tier_", "payload_", "attribute_", "stock_", "budget_", "held_", "uses_left_", "ending_")
EVENT_WORDS = frozenset({"events", "months", "day", "month", "field"})
MEASURED = frozenset({"number", "money"})
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def faults(name: str, metric: Metric, document: Programme) -> Found:
    """The faults of one metric."""
    if name in RESERVED or name.startswith(OWN_NAMES):
        yield (), "NAME_TAKEN", {"name": name}
    if sum(getattr(metric, form) is not None for form in FORMS) != 1:
        yield (), "EXACTLY_ONE", {"allowed": ", ".join(FORMS), "value": name}
        return
    yield from wallet_faults(metric, document)
    yield from type_faults(metric, document)
    yield from window_faults(metric, document)
    if metric.where is not None and metric.measure == "earned":
        yield ("where",), "FIELD_NOT_HERE", {"field": "where", "allowed": listed(others("earned"))}


def others(word: str) -> list[str]:
    """What else can be counted or measured."""
    return [one for one in ("orders", "lines", "units", "events", "spend", "amount", "field") if one != word]


def wallet_faults(metric: Metric, document: Programme) -> Found:
    """Points are earned into a wallet; nothing else is."""
    if metric.wallet is None:
        return
    if metric.measure != "earned":
        yield ("wallet",), "FIELD_NOT_HERE", {"field": "wallet", "allowed": '"earned"'}
    elif metric.wallet not in document.wallets:
        yield ("wallet",), "WALLET_UNKNOWN", {"name": metric.wallet, "allowed": listed(document.wallets)}


def type_faults(metric: Metric, document: Programme) -> Found:
    """Events are of a declared type, and have fields that can be measured or told apart; orders are of none."""
    words, types = metric.measure, document.event_types
    if metric.type is None:
        if words in {"events", "field"}:
            yield (), "FIELD_MISSING", {"field": "type"}
    elif words not in EVENT_WORDS:
        yield ("type",), "FIELD_NOT_HERE", {"field": "type", "allowed": listed(sorted(EVENT_WORDS))}
    elif metric.type not in types:
        yield ("type",), "EVENT_UNKNOWN", {"name": shown(metric.type), "allowed": known(types)}
    if (words == "field") is (metric.field is None):
        code = "FIELD_MISSING" if metric.field is None else "FIELD_NOT_HERE"
        yield ("field",), code, {"field": "field", "allowed": '"field"'}
    elif metric.field is not None and metric.type in types:
        own = {key: payload_type(one) for key, one in types[metric.type].schema_.properties.items()}
        fit = [key for key, kind in own.items() if metric.distinct is not None or kind in MEASURED]
        if metric.field not in fit:
            yield ("field",), "FIELD_UNKNOWN", {"field": shown(metric.field), "allowed": listed(fit)}


def window_faults(metric: Metric, document: Programme) -> Found:
    """Every form has a window but a streak, which has its own."""
    over = metric.over
    if over is None:
        if metric.streak is None:
            yield (), "FIELD_MISSING", {"field": "over"}
        return
    if metric.streak is not None:
        yield ("over",), "FIELD_NOT_HERE", {"field": "over", "allowed": listed(FORMS[:-1])}
    if over.back and over.calendar is None and over.anniversary is None:
        yield ("over", "back"), "FIELD_NOT_HERE", {"field": "back", "allowed": '"calendar", "anniversary"'}
    if over.count > 1 and over.calendar is None:
        yield ("over", "count"), "FIELD_NOT_HERE", {"field": "count", "allowed": '"calendar"'}
    if over.ladder is not None and not over.of_tier:
        allowed = '"since": "tier", "anniversary": "tier"'
        yield ("over", "ladder"), "FIELD_NOT_HERE", {"field": "ladder", "allowed": allowed}
    elif over.of_tier and over.ladder is None and document.ladder is None:
        yield ("over", "ladder"), "FIELD_MISSING", {"field": "ladder"}


def filters(document: Programme, catalogue: Catalogue, found: list[Fault]) -> Mapping[str, Condition]:
    """The conditions of filtered metrics, typed; what is wrong with them is added to the faults."""
    made = {}
    for name, metric in document.metrics.items():
        if metric.where is None:
            continue
        lines = metric.grain == "line"
        reader = Reader("programme", catalogue_for(metric, catalogue), (kind_of(metric),), lines=lines)
        condition = reader.read(metric.where, "metrics", name, "where")
        found += reader.faults
        if condition is not None:
            made[name] = condition
    return made


def ladders(document: Programme, known_ladders: Mapping[str, object], found: list[Fault]) -> None:
    """A metric since a change of tier names a ladder that exists."""
    for name, metric in document.metrics.items():
        ladder = metric.over.ladder if metric.over else None
        if ladder is not None and ladder not in known_ladders:
            params: dict[str, str | int] = {"name": ladder, "allowed": listed(known_ladders)}
            found.append(Fault("programme", f"/metrics/{name}/over/ladder", "LADDER_UNKNOWN", params))
