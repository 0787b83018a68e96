"""An event as a JSON file says it: money as text in the currency's own units, names in either spelling."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from cli.words import say
from loyalty.arrivals import validate
from loyalty.events import (
    Arrival,
    Behaviour,
    Line,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsRedeem,
    ProfileCompleted,
    ReturnLine,
)
from rules import exact

KEY = "try"
EXTERNAL = "external"  # The shop's own number, where nothing else is said.
MONEY = ("total", "paid", "discount", "tax", "shipping", "amount", "value", "basket")
Fields = dict[str, Any]


def member_ref(text: str) -> MemberRef:
    """A member as the shell names it: its id, the shop's own number, or kind:value such as phone:19900000001."""
    kind, colon, value = text.partition(":")
    if colon and not (kind and value):
        raise typer.BadParameter(say("member_wrong", member=text), param_hint="--member")
    if colon:
        return MemberRef(kind=kind, value=value)
    return MemberRef(id=int(text)) if text.isascii() and text.isdigit() else MemberRef(kind=EXTERNAL, value=text)


def read_event(file: Path, member: MemberRef | None, currency: str, now: datetime) -> Arrival:
    """The event of a file; a usage error where it is none."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
        fields = _fields(given, exact.currency_scale(currency))
        fields.setdefault("occurred_at", now)
        fields["member"] = member or _member(fields.get("member"))
        made = READERS.get(fields.pop("kind", "order.paid"), _behaviour)(fields | {"currency": currency})
    except (ValueError, TypeError, KeyError, AttributeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(say("event_wrong", file=file, detail=error), param_hint="--event") from error
    validate(made)
    return made


def _fields(given: Mapping[str, Any], scale: int) -> Fields:
    """Names in snake case, times in UTC, money in minor units."""
    fields: Fields = {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower(): value for name, value in given.items()}
    if "type" in fields or "kind" in fields:
        fields = {"type": fields.get("kind"), "kind": fields.get("type")} | fields
    for name in MONEY:
        if fields.get(name) is not None:
            fields[name] = _minor(fields[name], scale)
    if "occurred_at" in fields:
        moment = datetime.fromisoformat(fields["occurred_at"])
        fields["occurred_at"] = moment.astimezone(UTC)
    if "lines" in fields:
        fields["lines"] = tuple(_fields(line, scale) for line in fields["lines"])
    return fields


def _minor(value: Any, scale: int) -> int:
    amount = value["amount"] if isinstance(value, Mapping) else value
    number = exact.read(amount)
    units = None if number is None else exact.units(number, scale)
    if units is None:
        raise ValueError(f"{amount!r}")
    return units


def _member(given: Any) -> MemberRef | None:
    if isinstance(given, str):
        return member_ref(given)
    return MemberRef(**given) if isinstance(given, Mapping) else None


def _order(fields: Fields) -> OrderPaid:
    lines = tuple(
        replace(Line(line["sku"], int(line.get("quantity", 1)), line["amount"]), **_line_words(line))
        for line in fields.get("lines", ())
    )
    total = fields.get("total", sum(line.amount for line in lines) + fields.get("shipping", 0) + fields.get("tax", 0))
    names = ("discount", "tax", "shipping", "channel", "store", "payment", "coupon", "shop")
    return OrderPaid(
        key=KEY,
        number=str(fields.get("number", KEY)),
        member=fields["member"],
        occurred_at=fields["occurred_at"],
        currency=fields["currency"],
        total=total,
        paid=fields.get("paid", total),
        lines=lines,
        **{name: fields[name] for name in names if name in fields},
    )


def _line_words(line: Fields) -> Fields:
    words = {name: line[name] for name in ("brand", "category") if name in line}
    return words | ({"tags": tuple(line["tags"])} if "tags" in line else {})


def _returned(fields: Fields) -> OrderReturned:
    return OrderReturned(
        key=KEY,
        number=str(fields["number"]),
        return_number=str(fields.get("return_number", KEY)),
        occurred_at=fields["occurred_at"],
        lines=tuple(ReturnLine(int(line["line"]), int(line["quantity"])) for line in fields.get("lines", ())),
        amount=fields.get("amount"),
        shop=fields.get("shop", "main"),
    )


def _redeem(fields: Fields) -> PointsRedeem:
    return PointsRedeem(
        KEY, fields["member"], fields["benefit"], value=fields.get("value"), basket=fields.get("basket")
    )


def _behaviour(fields: Fields) -> Behaviour:
    return Behaviour(KEY, fields["type"], fields["member"], fields["occurred_at"], fields.get("payload", {}))


READERS: Mapping[str, Callable[[Fields], Arrival]] = {
    "order.paid": _order,
    "order.returned": _returned,
    "order.cancelled": lambda fields: OrderCancelled(KEY, str(fields["number"]), fields["occurred_at"]),
    "profile.completed": lambda fields: ProfileCompleted(KEY, fields["member"], fields["occurred_at"]),
    "points.redeem": _redeem,
}
