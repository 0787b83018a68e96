"""What a programme's definitions must keep to beyond their form: names that exist, figures that come out even."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules import (
    budgets,
    check_benefits,
    check_expiry,
    check_ladders,
    check_members,
    check_metrics,
    check_percentiles,
    check_persons,
    pools,
    transfers,
)
from rules.benefits import Benefit
from rules.facts import KINDS, RESERVED, Catalogue, payload_type
from rules.faults import Fault, at, known, listed, shown
from rules.programme import EventType, PayloadField, Programme
from rules.rule import Definitions
from rules.segments import Segment
from rules.tiers import Ladder

EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
EVENT_TYPE_MAX = 64
OWN_EVENTS = (
    "order.", "member.", "profile.", "points.", "tier.", "hold.", "code.", "clock.", "benefit.", "partner.",
    "gathering.", "draw.", "poll.",
)  # fmt: skip
OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
OF_THE_FILES = ("posix/", "right/")  # Second copies of every zone, the latter with leap seconds.
AGO = "_ago"  # How long ago a date of the payload was is a variable of its own.
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def programme(document: Programme) -> Found:
    """The faults of `programme.json` by itself."""
    if not is_zone(document.zone):
        yield ("zone",), "BAD_ZONE", {"value": shown(document.zone)}
    if len(document.wallets) > 1 and sum(wallet.main for wallet in document.wallets.values()) != 1:
        yield ("wallets",), "WALLET_MAIN", {}
    for name, metric in document.metrics.items():
        for steps, code, params in check_metrics.faults(name, metric, document):
            yield ("metrics", name, *steps), code, params
    yield from check_percentiles.faults(document)
    for name, event in document.event_types.items():
        for steps, code, params in event_faults(name, event):
            yield ("event_types", name, *steps), code, params
    yield from payload_faults(document)
    yield from category_faults(document)
    yield from attribute_faults(document)
    yield from product_faults(document)
    yield from check_persons.faults(document)
    yield from budgets.faults(document)


def is_zone(name: str) -> bool:
    """Whether a zone is there, and the same on every machine: what the machine itself goes by is none."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in OF_THE_MACHINE and not name.startswith(OF_THE_FILES)


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
        yield from ((("schema", "properties", key, *steps), code, more) for steps, code, more in crossed(one))
        for word, wanted in misplaced(one):
            yield (
                ("schema", "properties", key, word),
                "FIELD_NOT_HERE",
                {"field": word, "allowed": f'"type": "{wanted}"'},
            )


def crossed(own: PayloadField) -> Found:
    """Bounds between which nothing lies: no value could ever be sent."""
    if own.minimum is not None and own.maximum is not None and own.minimum > own.maximum:
        yield ("maximum",), "OUT_OF_RANGE", {"allowed": f"≥ {own.minimum}"}
    if own.min_length is not None and own.max_length is not None and own.min_length > own.max_length:
        yield ("maxLength",), "OUT_OF_RANGE", {"allowed": f"≥ {own.min_length}"}


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


def attribute_faults(document: Programme) -> Found:
    """Attributes keep to the part of JSON Schema that event payloads keep to."""
    yield from check_members.attributes(document)
    if document.attributes is not None:
        for key, one in document.attributes.schema_.properties.items():
            place = ("attributes", "schema", "properties", key)
            yield from (((*place, *steps), code, more) for steps, code, more in crossed(one))
            for word, wanted in misplaced(one):
                yield (*place, word), "FIELD_NOT_HERE", {"field": word, "allowed": f'"type": "{wanted}"'}


def product_faults(document: Programme) -> Found:
    """The same of products; each of their attributes is a variable of order lines, of a name that nothing else has."""
    if document.products is None:
        return
    own = document.products.schema_.properties
    for key, one in own.items():
        place = ("products", "schema", "properties", key)
        if f"line_{key}" in RESERVED:
            yield place, "NAME_TAKEN", {"name": key}
        yield from (((*place, *steps), code, more) for steps, code, more in crossed(one))
        for word, wanted in misplaced(one):
            yield (*place, word), "FIELD_NOT_HERE", {"field": word, "allowed": f'"type": "{wanted}"'}
    for label in document.products.labels:
        if label not in own:
            yield ("products", "labels", label), "FIELD_UNKNOWN", {"field": shown(label), "allowed": listed(own)}


def payload_faults(document: Programme) -> Found:
    """A payload field means the same in every event that has it: it is one variable."""
    seen: dict[str, str] = {}
    for name, event in document.event_types.items():
        for key, own in event.schema_.properties.items():
            kind = payload_type(own)
            steps = ("event_types", name, "schema", "properties", key)
            if seen.setdefault(key, kind) != kind:
                yield steps, "PAYLOAD_DIFFERS", {"name": key, "type": kind, "other": seen[key]}
            if key.endswith(AGO) and seen.get(key.removesuffix(AGO)) in {"date", "moment"}:
                yield steps, "NAME_TAKEN", {"name": key}


def category_faults(document: Programme) -> Found:
    """A category lies within one that exists, and never within itself."""
    own = document.categories
    for key, category in own.items():
        steps = ("categories", key, "parent")
        if category.parent is not None and category.parent not in own:
            yield steps, "CATEGORY_UNKNOWN", {"name": shown(category.parent), "allowed": known(own)}
            continue
        above, seen = category.parent, {key}
        while above is not None and above in own and above not in seen:
            seen.add(above)
            above = own[above].parent
        if above == key:
            yield steps, "CATEGORY_WITHIN_ITSELF", {"name": shown(key)}


def define(
    document: Programme,
    ladders: Mapping[str, Ladder],
    benefits: Mapping[str, Benefit],
    catalogue: Catalogue,
    segments: Mapping[str, Segment],
) -> tuple[Definitions, list[Fault]]:
    """The definitions typed, and what is wrong between them."""
    faults: list[Fault] = []
    if document.ladder is not None and document.ladder not in ladders:
        params = {"name": document.ladder, "allowed": listed(ladders)}
        faults.append(Fault("programme", "/ladder", "LADDER_UNKNOWN", params))
    for name, wallet in document.wallets.items():
        for steps, code, more in transfers.faults(wallet.transfers, spendable=wallet.spendable):
            faults.append(Fault("programme", at("wallets", name, "transfers", *steps), code, more))
    spendable = {name for name, wallet in document.wallets.items() if wallet.spendable}
    for steps, code, more in pools.faults(document.pools, spendable, main=document.main_wallet):
        faults.append(Fault("programme", at("pools", *steps), code, more))
    for steps, code, more in check_expiry.wallets(document, ladders):
        faults.append(Fault("programme", at("wallets", *steps), code, more))
    faults += [Fault("programme", at(*steps), code, more) for steps, code, more in budgets.kept_for(document, ladders)]
    standards = {key: check_ladders.standard(key, ladder, catalogue, faults) for key, ladder in ladders.items()}
    check_metrics.ladders(document, ladders, faults)
    filters = check_metrics.filters(document, catalogue, faults)
    members_of, wrong = check_members.segments(segments, catalogue)
    faults += [*wrong, *check_members.personal(standards, members_of), *check_persons.cards(document, ladders)]
    zone = ZoneInfo(document.zone)
    made = Definitions(
        document, catalogue, standards, benefits, {}, zone, filters, segments=segments, members_of=members_of
    )
    return check_benefits.define(made, faults), faults
