"""The catalogue of variables: every name a condition may use, its type, where it exists and what it is called.

Some are built in; a programme's wallets, ladders, metrics and event types add theirs. A name that is not in the
catalogue of the programme does not exist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import locales
from rules import exact, profiles
from rules.metrics import Metric
from rules.moments import ANNIVERSARY, BENEFIT_ENDING, POINTS_ENDING
from rules.moments import KINDS as MOMENTS
from rules.parts import LANGUAGES, WEEKDAYS, Text
from rules.percentiles import Percentile, identity, variable_of
from rules.programme import PayloadField, Programme
from rules.tiers import Ladder
from rules.variables import WANTED, Mistyped, Variable, money, variable

__all__ = ["WANTED", "Mistyped", "Variable"]  # Whoever reads the catalogue wants its rows too.
KINDS = (
    "order.paid", "member.enrolled", WANTED, "profile.completed", "points.available", "points.redeem", "tier.changed",
    "tier.reviewed", "member.changed", "gathering.signed_up", "gathering.attended", "draw.entered", "draw.won",
    "poll.voted", *MOMENTS,
)  # fmt: skip
ORDER_KINDS = frozenset({"order.paid", WANTED})
GROUPS = (
    "order", "line", "member", "history", "points", "time", "payload", "redemption", "tier_change", "left",
    "taking_part", "moment",
)  # fmt: skip


REDEEM = ("points.redeem",)
CHANGED = ("tier.changed", "tier.reviewed")
RISEN = "tier_levels_risen_in_year"
GATHERED = ("gathering.signed_up", "gathering.attended")
DRAWN = ("draw.entered", "draw.won")
BUILT_IN: tuple[Variable, ...] = (
    money("order_total", "order", ORDER_KINDS),
    money("order_paid", "order", ORDER_KINDS),
    money("order_net", "order", ORDER_KINDS),
    money("order_net_with_tax", "order", ORDER_KINDS),
    money("order_net_with_shipping", "order", ORDER_KINDS),
    money("order_goods", "order", ORDER_KINDS),
    money("order_discount", "order", ORDER_KINDS),
    money("order_tax", "order", ORDER_KINDS),
    money("order_shipping", "order", ORDER_KINDS),
    variable("order_currency", "text", "order", ORDER_KINDS),
    variable("order_channel", "text", "order", ORDER_KINDS),
    variable("order_store", "text", "order", ORDER_KINDS),
    variable("order_payment", "text", "order", ORDER_KINDS),
    variable("order_coupon", "text", "order", ORDER_KINDS),
    variable("order_partner", "text", "order", ORDER_KINDS, nullable=True),
    variable("order_skus", "set", "order", ORDER_KINDS),
    variable("order_brands", "set", "order", ORDER_KINDS),
    variable("order_categories", "set", "order", ORDER_KINDS),
    variable("order_category_paths", "set", "order", ORDER_KINDS),
    variable("order_tags", "set", "order", ORDER_KINDS),
    variable("order_quantity", "number", "order", ORDER_KINDS, unit="pieces", least=0),
    variable("order_is_first", "boolean", "order", ("order.paid",)),
    variable("wanted_by", "text", "order", (WANTED,)),
    variable("line_sku", "text", "line", ("order.paid",)),
    variable("line_brand", "text", "line", ("order.paid",)),
    variable("line_category", "text", "line", ("order.paid",)),
    variable("line_category_path", "set", "line", ("order.paid",)),
    variable("line_tags", "set", "line", ("order.paid",)),
    variable("line_quantity", "number", "line", ("order.paid",), unit="pieces", least=0),
    money("line_amount", "line", ("order.paid",)),
    variable("member_is_new_today", "boolean", "member"),
    variable("member_birthday_month", "boolean", "member"),
    variable("member_birthday_today", "boolean", "member"),
    variable("member_months_joined", "number", "member", unit="months", least=0),
    variable("member_days_joined", "number", "member", unit="days", least=0),
    variable("member_joined_ago", "duration", "member"),
    variable("member_profile_complete", "boolean", "member"),
    variable("member_age", "number", "member", unit="years", nullable=True, least=0, most=150),
    variable("member_birthday_in_days", "number", "member", unit="days", nullable=True, least=0, most=366),
    variable("member_tags", "set", "member"),
    variable("member_segments", "set", "member", closed=True),
    variable("member_consents", "set", "member", closed=True),
    variable("member_preferences", "set", "member", closed=True),
    variable("member_handle", "text", "member"),
    variable("orders_count", "number", "history", unit="orders", least=0),
    variable("days_since_order", "number", "history", unit="days", nullable=True, least=0),
    variable("months_since_order", "number", "history", unit="months", nullable=True, least=0),
    money("waiting_spend", "history", (WANTED,)),
    variable("waiting_orders", "number", "history", (WANTED,), unit="orders", least=0),
    variable("redemptions_24h", "number", "history", least=0),
    variable("points_redeemed_30d", "points", "history", least=0),
    variable("today", "date", "time", anywhere=True),
    variable("weekday", "weekday", "time", anywhere=True, options=WEEKDAYS),
    variable("hour", "number", "time", anywhere=True, unit="hours", least=0, most=23),
    variable("time_of_day", "time", "time", anywhere=True),
    variable("day_of_month", "number", "time", anywhere=True, least=1, most=31),
    variable("month", "number", "time", anywhere=True, least=1, most=12),
    variable("quarter", "number", "time", anywhere=True, least=1, most=4),
    variable("redeem_benefit", "choice", "redemption", REDEEM),
    variable("redeem_points", "points", "redemption", REDEEM, nullable=True),
    money("redeem_value", "redemption", REDEEM, nullable=True),
    money("redeem_basket", "redemption", REDEEM, nullable=True),
    variable("redeem_on_order", "number", "history", REDEEM, least=0),
    variable("tier_ladder", "choice", "tier_change", CHANGED),
    variable("tier_from", "choice", "tier_change", CHANGED),
    variable("tier_to", "choice", "tier_change", CHANGED),
    variable("tier_direction", "choice", "tier_change", CHANGED, options=("up", "down", "same")),
    variable(RISEN, "number", "tier_change", CHANGED, least=0, most=50),
    variable("gathering_key", "choice", "taking_part", GATHERED),
    variable("gathering_seats", "number", "taking_part", GATHERED, unit="pieces", least=1),
    variable("draw_key", "choice", "taking_part", DRAWN),
    variable("draw_prize", "choice", "taking_part", ("draw.won",)),
    variable("poll_key", "choice", "taking_part", ("poll.voted",)),
    variable("anniversary_years", "number", "moment", (ANNIVERSARY,), unit="years", least=0, nullable=True),
    variable("ending_benefits", "set", "moment", (BENEFIT_ENDING,), closed=True),
    variable("ending_pieces", "number", "moment", (BENEFIT_ENDING,), unit="pieces", least=0),
)
CATEGORIES = ("line_category", "line_category_path", "order_categories", "order_category_paths")
# What hangs on the person, who may be gone when the log is folded again: kept with each decision that read it.
FALLS = "birthday_falls"  # Of a member the clock asks: whether the birthday is the one that is meant.
PERSONAL = (
    "member_birthday_month",
    "member_birthday_today",
    "member_age",
    "member_birthday_in_days",
    "member_preferences",
    FALLS,
)
WAITING = ("waiting_spend", "waiting_orders")  # What lies with nobody, and is kept like the above: it is claimed.
TRAITS = ("member_tags", "member_segments", "member_consents")
ATTRIBUTE = "attribute_"
ENDING = "ending_"
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


def catalogue_of(
    programme: Programme,
    ladders: Mapping[str, Ladder],
    benefits: Mapping[str, Text],
    segments: Mapping[str, Text] | None = None,
    partners: Mapping[str, Text] | None = None,
    taken_part: Mapping[str, Mapping[str, Text]] | None = None,
) -> Catalogue:
    """Every variable of a programme: built in, then what its documents declare."""
    scale = exact.currency_scale(programme.currency)
    named = Named(segments or {}, partners or {}, {"draw_prize": benefits, **(taken_part or {})})
    rows = [*_built_in(programme, ladders, benefits, named, scale), *_wallets(programme)]
    rows += _tiers(programme, ladders)
    rows += [_metric(name, metric, programme, scale) for name, metric in programme.metrics.items()]
    rows += [_percentile(key, own, programme) for key, own in programme.percentiles.items()]
    rows += [
        *_attributes(programme, scale),
        *_products(programme, scale),
        *_payloads(programme, scale),
        *_left(programme, benefits),
    ]
    rows += _held(programme, benefits)
    return Catalogue({row.name: row for row in rows}, frozenset({*KINDS, *programme.event_types}), scale)


@dataclass(frozen=True)
class Named:
    """What else a programme has names for."""

    segments: Mapping[str, Text]
    partners: Mapping[str, Text]
    taken_part: Mapping[str, Mapping[str, Text]]  # Gatherings, draws and polls, by the variable that names them.


def _built_in(
    programme: Programme, ladders: Mapping[str, Ladder], benefits: Mapping[str, Text], named: Named, scale: int
) -> Iterable[Variable]:
    levels = {level.key: level.title.by_language() for ladder in ladders.values() for level in ladder.levels}
    bought: Mapping[str, str] = {lang: locales.text("event.order.paid", lang) for lang in LANGUAGES}
    done: dict[str, Mapping[str, str]] = {
        key: event.title.by_language() for key, event in programme.event_types.items()
    }
    options: dict[str, Mapping[str, Mapping[str, str]]] = {
        "wanted_by": {"order.paid": bought} | done,
        "redeem_benefit": {key: text.by_language() for key, text in benefits.items()},
        "tier_ladder": {key: ladder.title.by_language() for key, ladder in ladders.items()},
        "tier_from": levels,
        "ending_benefits": {key: text.by_language() for key, text in benefits.items()},
        "tier_to": levels,
        "member_segments": {key: text.by_language() for key, text in named.segments.items()},
        "member_consents": {key: _purpose(programme, key) for key in programme.consents},
        "member_preferences": {key: own.by_language() for key, own in profiles.options(programme.profile).items()},
    }
    if named.partners:
        options["order_partner"] = {key: text.by_language() for key, text in named.partners.items()}
    for name, titles in named.taken_part.items():
        options[name] = {key: title.by_language() for key, title in titles.items()}
    if programme.categories:
        own = {key: category.title.by_language() for key, category in programme.categories.items()}
        options |= dict.fromkeys(CATEGORIES, own)
    main = programme.wallets[programme.main_wallet]
    for row in BUILT_IN:
        if row.name in options:
            labels = options[row.name]
            kind = "choice" if row.type == "text" else row.type
            yield replace(row, type=kind, options=tuple(labels), option_labels=labels)
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


def _purpose(programme: Programme, key: str) -> Mapping[str, str]:
    own = programme.purposes.get(key)
    return own.title.by_language() if own else {}


def _wallets(programme: Programme) -> Iterable[Variable]:
    for key, wallet in programme.wallets.items():
        labels = worded("balance", wallet.title)
        yield variable(f"balance_{key}", "points", "points", scale=wallet.scale, unit=key, labels=labels)
        ends, on = worded("ending", wallet.title), (POINTS_ENDING,)
        yield variable(f"{ENDING}{key}", "points", "moment", on, scale=wallet.scale, unit=key, labels=ends)


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
    nullable = metric.form in {"max", "min"}  # Of nothing there is no largest.
    if metric.form not in {"sum", "max", "min"}:
        return variable(name, "number", "history", labels=labels, least=0, unit=_unit(metric))
    if metric.measure == "earned":
        wallet = metric.wallet or programme.main_wallet
        own = programme.wallets[wallet].scale
        return variable(name, "points", "history", scale=own, unit=wallet, labels=labels, nullable=nullable)
    if metric.measure in {"spend", "amount"} or _of_money(metric, programme):
        return variable(name, "money", "history", scale=scale, unit="currency", labels=labels, nullable=nullable)
    return variable(name, "number", "history", labels=labels, nullable=nullable, unit=_unit(metric))


def _unit(metric: Metric) -> str:
    if metric.streak is not None:
        return f"{metric.streak.period}s"
    return {"orders": "orders", "units": "pieces", "months": "months"}.get(metric.measure, "")


def _of_money(metric: Metric, programme: Programme) -> bool:
    own = programme.event_types[metric.type].schema_.properties if metric.type in programme.event_types else {}
    return metric.field in own and payload_type(own[metric.field]) == "money"


FORMATS: Mapping[str, str] = {
    "date": "date", "date-time": "moment", "time": "time", "duration": "duration", "money": "money",
}  # fmt: skip


def _percentile(key: str, own: Percentile, programme: Programme) -> Variable:
    kept = identity(key, own, programme.metrics[own.of])
    labels = said(own.title, key)
    return variable(variable_of(key), "boolean", "history", of=own.of, threshold=kept, labels=labels)


def payload_type(own: PayloadField) -> str:
    """The type of variable a payload field makes."""
    if own.type == "string":
        return FORMATS.get(own.format or "", "choice" if own.enum else "text")
    return {"array": "set", "boolean": "boolean"}.get(own.type, "number")


def _products(programme: Programme, scale: int) -> Iterable[Variable]:
    """What the catalogue knows of an order's lines."""
    for name, own in programme.products.schema_.properties.items() if programme.products else ():
        kind = payload_type(own)
        labels = said(programme.products.labels.get(name), name) if programme.products else {}
        sized = scale if kind == "money" else 0
        more: dict[str, Any] = {"options": own.enum or (), "least": own.minimum, "most": own.maximum, "labels": labels}
        yield variable(f"line_{name}", kind, "line", ("order.paid",), nullable=True, scale=sized, **more)


def _attributes(programme: Programme, scale: int) -> Iterable[Variable]:
    if programme.attributes is None:
        return
    for name, own in programme.attributes.schema_.properties.items():
        if own.personal:
            continue
        kind, label = payload_type(own), programme.attributes.labels.get(name)
        more: dict[str, Any] = {
            "options": own.enum or (),
            "least": own.minimum,
            "most": own.maximum,
            "labels": said(label, name),
        }
        sized = scale if kind == "money" else 0
        yield variable(f"attribute_{name}", kind, "member", nullable=True, scale=sized, **more)


def _payloads(programme: Programme, scale: int) -> Iterable[Variable]:
    fields: dict[str, list[tuple[str, bool]]] = {}
    for key, event in programme.event_types.items():
        for name in sorted(event.schema_.properties.keys() - event.schema_.personal):
            fields.setdefault(name, []).append((key, name not in event.schema_.required))
    for name, places in fields.items():
        event = programme.event_types[places[0][0]]
        own, kind = event.schema_.properties[name], payload_type(event.schema_.properties[name])
        kinds, nullable = frozenset(key for key, _ in places), any(optional for _, optional in places)
        titles = said(event.labels.get(name), name)
        yield Variable(
            f"payload_{name}",
            kind,
            "payload",
            kinds,
            nullable=nullable,
            options=own.enum or (),
            scale=scale if kind == "money" else 0,
            unit="currency" if kind == "money" else "",
            least=own.minimum,
            most=own.maximum,
            labels=titles,
        )
        if kind in {"date", "moment"}:
            ago = {lang: locales.text("variable.ago", lang, title=title) for lang, title in titles.items()}
            yield Variable(f"payload_{name}_ago", "duration", "payload", kinds, nullable=nullable, labels=ago)


def _held(programme: Programme, benefits: Mapping[str, Text]) -> Iterable[Variable]:
    """What a member has of each benefit: pieces that are open, and how often they can still be used."""
    for key, title in benefits.items():
        for code, unit in (("held", "pieces"), ("uses_left", "")):
            name, labels = f"{code}_{variable_key(key)}", worded(code, title)
            yield variable(name, "number", "member", labels=labels, unit=unit, least=0)


def _left(programme: Programme, benefits: Mapping[str, Text]) -> Iterable[Variable]:
    """What is left of what all members share. A decision keeps what it read; so standards cannot ask for it."""
    kinds = frozenset({*KINDS, *programme.event_types} - {WANTED})
    for key, title in benefits.items():
        name, labels = f"stock_{variable_key(key)}", worded("stock", title)
        yield variable(name, "number", "left", kinds, labels=labels, unit="pieces", nullable=True, least=0)
    for key, budget in programme.budgets.items():
        wallet = budget.wallet or programme.main_wallet
        scale = programme.wallets[wallet].scale if wallet in programme.wallets else 0
        name, labels = f"budget_{variable_key(key)}", worded("budget", budget.title)
        if budget.points is None:
            yield variable(name, "number", "left", kinds, labels=labels, least=0)
        else:
            yield variable(name, "points", "left", kinds, labels=labels, scale=scale, unit=wallet)
