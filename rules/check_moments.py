"""`when` of a policy: there where the clock asks, nowhere else, and saying what that kind of moment has to say."""

from collections.abc import Iterator

from rules import calendar
from rules.faults import listed
from rules.moments import AROUND_MAX, ENDINGS, JOINED, SHAPES, Shape, When
from rules.policy import Policy
from rules.rule import Definitions

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def faults(policy: Policy, definitions: Definitions) -> Found:
    """What is wrong with when the clock asks a policy."""
    timed = [kind for kind in policy.on if kind in SHAPES]
    if not timed:
        if policy.when is not None:
            yield ("when",), "WHEN_NOT_HERE", {"allowed": listed(SHAPES)}
        return
    if len(policy.on) > 1:
        yield ("on",), "CLOCK_ALONE", {"name": timed[0]}
        return
    shape = SHAPES[timed[0]]
    if policy.when is None:
        if shape.needed:
            yield (), "WHEN_MISSING", {"name": timed[0], "fields": listed(shape.needed)}
        return
    yield from field_faults(timed[0], policy.when, shape)
    yield from range_faults(timed[0], policy.when)
    yield from name_faults(policy.when, definitions)


def field_faults(kind: str, when: When, shape: Shape) -> Found:
    """Fields that have to be there, and those that say nothing for this kind."""
    for field in shape.needed:
        if getattr(when, field) is None:
            yield ("when",), "FIELD_MISSING", {"field": field}
    for field in sorted(when.model_fields_set - {*shape.fields}):
        kinds = [f'"{one}"' for one, own in SHAPES.items() if field in own.fields]
        yield ("when", field), "FIELD_NOT_HERE", {"field": field, "allowed": listed(kinds)}


def range_faults(kind: str, when: When) -> Found:
    """Numbers that are in the calendar, but not where they stand."""
    if kind not in ENDINGS and (when.days_before or 0) > AROUND_MAX:
        yield ("when", "days_before"), "OUT_OF_RANGE", {"allowed": f"≤ {AROUND_MAX}"}
    if when.every is None:
        return
    if when.every == "week":
        for field in ("month", "day"):
            if getattr(when, field) is not None:
                allowed = '"every": "month", "quarter", "half_year", "year"'
                yield ("when", field), "FIELD_NOT_HERE", {"field": field, "allowed": allowed}
    elif when.month is not None and when.month > calendar.MONTHS[when.every]:
        yield ("when", "month"), "OUT_OF_RANGE", {"allowed": f"≤ {calendar.MONTHS[when.every]}"}


def name_faults(when: When, definitions: Definitions) -> Found:
    """What it names of the programme exists."""
    wallets = definitions.programme.wallets
    if when.wallet is not None and when.wallet not in wallets:
        yield ("when", "wallet"), "WALLET_UNKNOWN", {"name": when.wallet, "allowed": listed(wallets)}
    if when.date is not None and when.date not in dates(definitions):
        yield ("when", "date"), "DATE_UNKNOWN", {"name": when.date, "allowed": listed(dates(definitions))}


def dates(definitions: Definitions) -> tuple[str, ...]:
    """The dates of a member that come round every year."""
    own = definitions.programme.profile
    return (JOINED, *(own.dates if own else ()))
