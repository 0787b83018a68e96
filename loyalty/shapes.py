"""Checks of one value each: whatever does not fit raises Malformed with where it stands and what is allowed."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from loyalty.events import MemberRef
from loyalty.refusals import Malformed, every_language
from loyalty.seals import normalised

KEY_MAX = 128
TEXT_MAX = 128
REASON_MAX = 500
LINES_MAX = 500
BATCH_MAX = 500
TAGS_MAX = 50
TAG_MAX = 64
IDENTITIES_MAX = 10
FREEZE_REASONS = ("dispute", "fraud", "legal", "other", "own_wish", "policy")
PROFILE_MAX = 30
PROFILE_VALUE_MAX = 500
OPTIONS_MAX = 100
QUANTITY_MAX = 1_000_000
PIECES_MAX = 100  # Of a benefit, given at once.
RESERVED_MINUTES_MAX = 10_080
POINTS_MAX = 1_000_000_000  # One entry of the ledger.
AMOUNT_MAX = 2**53 - 1  # The largest whole number that every JSON reader keeps exactly.
ID_MAX = 2**63 - 1
PAYLOAD_DEPTH_MAX = 8
PAYLOAD_VALUES_MAX = 500
PAYLOAD_TEXT_MAX = 4_000

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,63}")
TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}")
CURRENCY = re.compile(r"[A-Z]{3}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PRINTABLE = re.compile(r"[\x20-\x7e]+")
# Control characters, halves of surrogate pairs, and the two that turn text round: none of them is ever meant.
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What no database keeps, even in texts of several lines.
UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")

Check = Callable[[Any, str], None]


def key(value: Any, at: str) -> None:
    """An idempotency key: 1 to 128 printable ASCII characters."""
    if not isinstance(value, str) or len(value) > KEY_MAX or not PRINTABLE.fullmatch(value):
        raise Malformed("INVALID_KEY", at, most=KEY_MAX)


def text(most: int = TEXT_MAX, *, least: int = 0) -> Check:
    """A check for one line of text, no longer than `most`."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, str) or not least <= len(value) <= most or UNWANTED.search(value):
            raise Malformed("INVALID_TEXT", at, least=least, most=most)

    return check


def number(code: str, least: int, most: int) -> Check:
    """A check for a whole number from `least` to `most`; True is not 1 here."""

    def check(value: Any, at: str) -> None:
        if type(value) is not int or not least <= value <= most:
            raise Malformed(code, at, least=least, most=most)

    return check


def optional(check: Check) -> Check:
    """The same check, with None allowed."""

    def checked(value: Any, at: str) -> None:
        if value is not None:
            check(value, at)

    return checked


def unless_empty(check: Check) -> Check:
    """The same check, with nothing said allowed."""

    def checked(value: Any, at: str) -> None:
        if value != "":
            check(value, at)

    return checked


def instant(value: Any, at: str) -> None:
    """A moment with a zone, in UTC."""
    if not isinstance(value, datetime) or value.utcoffset() != timedelta(0):
        raise Malformed("INVALID_TIME", at)


def matching(pattern: re.Pattern[str], code: str) -> Check:
    """A check for text of a pattern."""

    def check(value: Any, at: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Malformed(code, at)

    return check


def several(most: int, check: Check) -> Check:
    """A check for a tuple of so many at most, each of which passes."""

    def checked(values: Any, at: str) -> None:
        if len(values) > most:
            raise Malformed("TOO_MANY", at, most=most)
        for index, value in enumerate(values):
            check(value, f"{at}/{index}")

    return checked


def identity(value: Any, at: str) -> None:
    """A (kind, value) pair a person is known by."""
    matching(NAME, "INVALID_IDENTITY")(value[0], f"{at}/kind")
    text(least=1)(value[1], f"{at}/value")
    if not normalised(value[0], value[1]):  # "N/A" for a phone is nobody's: everybody who has none writes it.
        raise Malformed("INVALID_IDENTITY", f"{at}/value")


def identities(value: Any, at: str) -> None:
    """What a person registers with: one identity at least."""
    if not value:
        raise Malformed("INVALID_IDENTITY", at)
    several(IDENTITIES_MAX, identity)(value, at)


def points(value: Any, at: str) -> None:
    """Points put right: any whole number but none."""
    number("INVALID_POINTS", -POINTS_MAX, POINTS_MAX)(value, at)
    if value == 0:
        raise Malformed("INVALID_POINTS", at, least=-POINTS_MAX, most=POINTS_MAX)


def member(value: Any, at: str) -> None:
    """A member by its id, or by one identity: exactly one of the two."""
    if not isinstance(value, MemberRef) or (value.id is None) == (value.kind is None):
        raise Malformed("INVALID_IDENTITY", at)
    if value.id is not None:
        number("NOT_FOUND", 1, ID_MAX)(value.id, f"{at}/id")
    else:
        identity((value.kind, value.value), f"{at}/identity")


def fields(checks: Mapping[str, Check]) -> Check:
    """A check for a value whose named fields pass theirs."""

    def check(value: Any, at: str) -> None:
        for name, of_field in checks.items():
            of_field(getattr(value, name), f"{at}/{name}")

    return check


def profile(value: Any, at: str) -> None:
    """Personal values by name, all of them text."""
    if not isinstance(value, Mapping) or len(value) > PROFILE_MAX:
        raise Malformed("TOO_MANY", at, most=PROFILE_MAX)
    for name, held in value.items():
        matching(NAME, "INVALID_TEXT")(name, at)
        text(PROFILE_VALUE_MAX)(held, f"{at}/{name}")
    if value.get("birthday"):  # An empty value takes one away.
        day(value["birthday"], f"{at}/birthday")


def preferences(value: Any, at: str) -> None:
    """Options chosen, by preference; each once."""
    if not isinstance(value, Mapping) or len(value) > PROFILE_MAX:
        raise Malformed("TOO_MANY", at, most=PROFILE_MAX)
    for name, chosen in value.items():
        matching(NAME, "INVALID_TEXT")(name, at)
        several(OPTIONS_MAX, name_of)(chosen, f"{at}/{name}")


def day(value: str, at: str) -> None:
    """A calendar day, YYYY-MM-DD."""
    try:
        date.fromisoformat(value if DAY.fullmatch(value) else "")
    except ValueError:
        raise Malformed("INVALID_DATE", at) from None


def payload(value: Any, at: str) -> None:
    """JSON of a modest size; its meaning is checked against the declared schema."""
    if not isinstance(value, Mapping):
        raise Malformed("INVALID_PAYLOAD", at, detail=every_language("payload.object"))
    for count, (depth, part) in enumerate(_walk(value, 1)):
        if depth > PAYLOAD_DEPTH_MAX or count > PAYLOAD_VALUES_MAX:
            most = {"depth": PAYLOAD_DEPTH_MAX, "values": PAYLOAD_VALUES_MAX}
            raise Malformed("INVALID_PAYLOAD", at, detail=every_language("payload.too_much", **most))
        if isinstance(part, str) and (len(part) > PAYLOAD_TEXT_MAX or UNKEEPABLE.search(part)):
            raise Malformed("INVALID_TEXT", at, least=0, most=PAYLOAD_TEXT_MAX)
        if type(part) is int and abs(part) > AMOUNT_MAX:
            raise Malformed("INVALID_PAYLOAD", at, detail=every_language("payload.too_big"))


def changes(value: Any, at: str) -> None:
    """Attributes by name: JSON values, of which only the programme knows what they must be."""
    payload(value, at)
    for name in value:
        matching(ATTRIBUTE, "INVALID_TEXT")(name, at)


def consents(value: Any, at: str) -> None:
    """Purposes, each consented to or not."""
    if not isinstance(value, Mapping) or len(value) > TAGS_MAX:
        raise Malformed("TOO_MANY", at, most=TAGS_MAX)
    for purpose, given in value.items():
        name_of(purpose, at)
        if not isinstance(given, bool):
            raise Malformed("INVALID_CONSENT", f"{at}/{purpose}")


def _walk(value: Any, depth: int) -> Iterator[tuple[int, Any]]:
    # A generator that is left at the first value too deep: nothing deeper is ever visited.
    yield depth, value
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield depth, name
            yield from _walk(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _walk(part, depth + 1)


def freeze_reason(value: Any, at: str) -> None:
    """Why somebody may not spend: one of a few codes."""
    if value not in FREEZE_REASONS:
        raise Malformed("REASON_UNKNOWN", at, allowed=sorted(FREEZE_REASONS))


amount = number("INVALID_AMOUNT", 0, AMOUNT_MAX)
quantity = number("INVALID_QUANTITY", 1, QUANTITY_MAX)
word = text()
name_of = text(least=1)
path = matching(re.compile(r"[a-z0-9][a-z0-9_/-]{0,127}"), "NOT_FOUND")
