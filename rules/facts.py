"""The catalogue of variables: every name a condition may use, its type, where it exists and what it is called.

Some are built in; a programme's wallets, ladders, metrics and event types add theirs. A name that is not in the
catalogue of the programme does not exist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import locales
from rules import exact
from rules.operators import TYPES, Type
from rules.policy import LANGUAGES, WEEKDAYS, Ladder, Metric, PayloadField, Programme, Text

WANTED = "member.enrol_wanted"  # An order or event of an identity that nobody has: there is no member yet.
KINDS = (
    "order.paid", "member.enrolled", WANTED, "profile.completed", "points.available", "points.redeem", "tier.changed",
)  # fmt: skip
ORDER_KINDS = frozenset({"order.paid", WANTED})
GROUPS = ("order", "line", "member", "history", "points", "time", "payload", "redemption", "tier_change")


class Mistyped(TypeError):
    """A fact of the wrong type reached a decision: a defect of whoever made the facts."""


@dataclass(frozen=True)
class Variable:
    """One variable. `kinds` None: on every event there is a member for (or, `anywhere`, on every event)."""

    name: str
    type: str
    group: str
    kinds: frozenset[str] | None = None
    anywhere: bool = False
    nullable: bool = False
    options: tuple[str, ...] = ()
    scale: int = 0
    unit: str = ""
    least: int | None = None
    most: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict, compare=False)
    option_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)

    @property
    def kind(self) -> Type:
        """The type with its operators."""
        return TYPES[self.type]

    @property
    def from_event(self) -> bool:
        """Whether the event's own body says it, so that a decision need not keep it."""
        return self.group in {"order", "line", "payload", "redemption", "tier_change", "time"}

    def exists_on(self, kind: str) -> bool:
        """Whether an event of this kind has it."""
        if self.kinds is None:
            return self.anywhere or kind != WANTED
        return kind in self.kinds

    def unknown_on(self, kind: str) -> bool:
        """Whether it can be None on this kind: an order's figures are, where an event may want enrolment too."""
        return self.nullable or (kind == WANTED and self.group in {"order", "line"})

    def label(self, lang: str) -> str:
        """What a person calls it."""
        return self.labels[lang] if self.labels else locales.text(f"variable.{self.name}", lang)

    def rank(self, value: Any) -> Any:
        """What is compared: the rank of a level (None for one the ladder lost), anything else as it is."""
        if self.type != "tier":
            return value
        return self.options.index(value) if value in self.options else None

    def fits(self, value: Any, kind: str | None = None) -> bool:
        """Whether a fact has the type that is declared here."""
        if value is None:
            return self.nullable if kind is None else self.unknown_on(kind)
        return value.__class__ in ((str,) if self.type == "tier" else self.kind.classes)


def variable(name: str, kind: str, group: str, kinds: Iterable[str] | None = None, **more: Any) -> Variable:
    """A row of the table below."""
    return Variable(name, kind, group, None if kinds is None else frozenset(kinds), **more)


def money(name: str, group: str, kinds: Iterable[str] | None, **more: Any) -> Variable:
    """A row for an amount; the programme's currency gives it its scale."""
    return variable(name, "money", group, kinds, unit="currency", **more)


REDEEM = ("points.redeem",)
CHANGED = ("tier.changed",)
BUILT_IN: tuple[Variable, ...] = (
    money("order_total", "order", ORDER_KINDS),
    money("order_paid", "order", ORDER_KINDS),
    money("order_net", "order", ORDER_KINDS),
    money("order_discount", "order", ORDER_KINDS),
    money("order_tax", "order", ORDER_KINDS),
    money("order_shipping", "order", ORDER_KINDS),
    variable("order_currency", "text", "order", ORDER_KINDS),
    variable("order_channel", "text", "order", ORDER_KINDS),
    variable("order_store", "text", "order", ORDER_KINDS),
    variable("order_payment", "text", "order", ORDER_KINDS),
    variable("order_coupon", "text", "order", ORDER_KINDS),
    variable("order_skus", "set", "order", ORDER_KINDS),
    variable("order_brands", "set", "order", ORDER_KINDS),
    variable("order_categories", "set", "order", ORDER_KINDS),
    variable("order_tags", "set", "order", ORDER_KINDS),
    variable("order_quantity", "number", "order", ORDER_KINDS, unit="pieces", least=0),
    variable("order_is_first", "boolean", "order", ("order.paid",)),
    variable("line_sku", "text", "line", ("order.paid",)),
    variable("line_brand", "text", "line", ("order.paid",)),
    variable("line_category", "text", "line", ("order.paid",)),
    variable("line_tags", "set", "line", ("order.paid",)),
    variable("line_quantity", "number", "line", ("order.paid",), unit="pieces", least=0),
    money("line_amount", "line", ("order.paid",)),
    variable("member_is_new_today", "boolean", "member"),
    variable("member_birthday_month", "boolean", "member"),
    variable("member_birthday_today", "boolean", "member"),
    variable("member_months_joined", "number", "member", unit="months", least=0),
    variable("member_days_joined", "number", "member", unit="days", least=0),
    variable("member_profile_complete", "boolean", "member"),
    variable("orders_count", "number", "history", unit="orders", least=0),
    variable("days_since_order", "number", "history", unit="days", nullable=True, least=0),
    variable("today", "date", "time", anywhere=True),
    variable("weekday", "weekday", "time", anywhere=True, options=WEEKDAYS),
    variable("hour", "number", "time", anywhere=True, unit="hours", least=0, most=23),
    variable("month", "number", "time", anywhere=True, least=1, most=12),
    variable("redeem_benefit", "choice", "redemption", REDEEM),
    variable("redeem_points", "points", "redemption", REDEEM, nullable=True),
    money("redeem_value", "redemption", REDEEM, nullable=True),
    money("redeem_basket", "redemption", REDEEM, nullable=True),
    variable("tier_ladder", "choice", "tier_change", CHANGED),
    variable("tier_from", "choice", "tier_change", CHANGED),
    variable("tier_to", "choice", "tier_change", CHANGED),
    variable("tier_direction", "choice", "tier_change", CHANGED, options=("up", "down")),
)
RESERVED = frozenset(row.name for row in BUILT_IN) | {"member_tier"}


@dataclass(frozen=True)
class Catalogue:
    """All variables of one programme by name, and the kinds of event its policies may be on."""

    variables: Mapping[str, Variable]
    kinds: frozenset[str]
    currency_scale: int


def variable_key(key: str) -> str:
    """A document's key as part of a variable's name."""
    return key.replace("-", "_")


def said(text: Text | None, fallback: str) -> dict[str, str]:
    """A title by language, or the bare name where a document gives none."""
    return dict(text.by_language()) if text else dict.fromkeys(LANGUAGES, fallback)


def worded(code: str, text: Text) -> dict[str, str]:
    """A phrase of ours around a programme's title."""
    return {lang: locales.text(f"variable.{code}", lang, title=text.say(lang)) for lang in LANGUAGES}


def catalogue_of(programme: Programme, ladders: Mapping[str, Ladder], benefits: Mapping[str, Text]) -> Catalogue:
    """Every variable of a programme: built in, then what its documents declare."""
    scale = exact.currency_scale(programme.currency)
    rows = [*_built_in(programme, ladders, benefits, scale), *_wallets(programme), *_tiers(programme, ladders)]
    rows += [_metric(name, metric, programme, scale) for name, metric in programme.metrics.items()]
    rows += _payloads(programme)
    return Catalogue({row.name: row for row in rows}, frozenset({*KINDS, *programme.event_types}), scale)


def _built_in(
    programme: Programme, ladders: Mapping[str, Ladder], benefits: Mapping[str, Text], scale: int
) -> Iterable[Variable]:
    levels = {level.key: level.title.by_language() for ladder in ladders.values() for level in ladder.levels}
    options: dict[str, Mapping[str, Mapping[str, str]]] = {
        "redeem_benefit": {key: text.by_language() for key, text in benefits.items()},
        "tier_ladder": {key: ladder.title.by_language() for key, ladder in ladders.items()},
        "tier_from": levels,
        "tier_to": levels,
    }
    main = programme.wallets[programme.main_wallet]
    for row in BUILT_IN:
        if row.name in options:
            labels = options[row.name]
            yield replace(row, options=tuple(labels), option_labels=labels)
        elif row.type == "choice":
            words: Mapping[str, Mapping[str, str]] = {
                key: {lang: locales.text(f"option.{key}", lang) for lang in LANGUAGES} for key in row.options
            }
            yield replace(row, option_labels=words)
        elif row.type in {"money", "points"}:
            sized = scale if row.type == "money" else main.scale
            yield replace(row, scale=sized)
        else:
            yield row


def _wallets(programme: Programme) -> Iterable[Variable]:
    for key, wallet in programme.wallets.items():
        labels = worded("balance", wallet.title)
        yield variable(f"balance_{key}", "points", "points", scale=wallet.scale, unit=key, labels=labels)


def _tiers(programme: Programme, ladders: Mapping[str, Ladder]) -> Iterable[Variable]:
    names = [(f"tier_{variable_key(key)}", ladder) for key, ladder in ladders.items()]
    if programme.ladder is not None and programme.ladder in ladders:
        names.append(("member_tier", ladders[programme.ladder]))
    for name, ladder in names:
        labels = {level.key: level.title.by_language() for level in ladder.levels}
        titles = worded("tier", ladder.title)
        yield variable(name, "tier", "member", options=tuple(labels), labels=titles, option_labels=labels)


def _metric(name: str, metric: Metric, programme: Programme, scale: int) -> Variable:
    labels = said(metric.title, name)
    if metric.sum == "spend":
        return variable(name, "money", "history", scale=scale, unit="currency", labels=labels)
    if metric.sum == "earned":
        wallet = metric.wallet or programme.main_wallet
        return variable(name, "points", "history", scale=programme.wallets[wallet].scale, unit=wallet, labels=labels)
    unit = "orders" if metric.count == "orders" else ""
    return variable(name, "number", "history", labels=labels, least=0, unit=unit)


def payload_type(own: PayloadField) -> str:
    """The type of variable a payload field makes."""
    if own.type == "string":
        dated = {"date": "date", "date-time": "moment"}.get(own.format or "")
        return dated or ("choice" if own.enum else "text")
    return {"array": "set", "boolean": "boolean"}.get(own.type, "number")


def _payloads(programme: Programme) -> Iterable[Variable]:
    fields: dict[str, list[tuple[str, bool]]] = {}
    for key, event in programme.event_types.items():
        for name in event.schema_.properties:
            fields.setdefault(name, []).append((key, name not in event.schema_.required))
    for name, places in fields.items():
        event = programme.event_types[places[0][0]]
        own = event.schema_.properties[name]
        yield Variable(
            f"payload_{name}",
            payload_type(own),
            "payload",
            frozenset(key for key, _ in places),
            nullable=any(optional for _, optional in places),
            options=own.enum or (),
            least=own.minimum,
            most=own.maximum,
            labels=said(event.labels.get(name), name),
        )
