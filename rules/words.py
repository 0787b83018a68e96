"""Values, conditions, windows and limits in plain words, in both languages.

Everything that changes what a policy does is said, so that two policies that differ do not read the same; text from a
document stands in quotes, and groups of conditions in brackets.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import locales
from rules import durations, exact
from rules.budgets import Budget, Kept
from rules.conditions import All, Condition, Leaf, Lines, Not, Some
from rules.facts import KINDS, Variable
from rules.limits import named, of_member, period_of
from rules.policy import Limits, Stacking
from rules.rule import Definitions

MONEYS = frozenset({"CNY", "USD", "EUR", "GBP", "JPY", "HKD", "KRW", "SGD"})


def say(code: str, lang: str, **params: object) -> str:
    """A phrase about rules."""
    return locales.text(f"rule.{code}", lang, **params)


def joined(parts: Iterable[str], lang: str) -> str:
    """A list as people write it."""
    return say("comma", lang).join(parts)


def quoted(text: str, lang: str) -> str:
    """Text from a document: it cannot be taken for ours."""
    return say("quoted", lang, text=text.replace("\\", "\\\\").replace("”", "\\”"))


def grouped(amount: int, scale: int = 0) -> str:
    """A figure for people: thousands parted, no decimals where there is nothing in them."""
    whole, _, part = exact.text(abs(amount), scale).partition(".")
    return ("-" if amount < 0 else "") + f"{int(whole):,}" + (f".{part}" if part.strip("0") else "")


def money(minor: int, definitions: Definitions, lang: str) -> str:
    """An amount in the programme's currency."""
    currency = definitions.programme.currency
    amount = grouped(minor, definitions.catalogue.currency_scale)
    if currency in MONEYS:
        return locales.text(f"money.{currency}", lang, amount=amount)
    return locales.text("money.other", lang, amount=amount, currency=currency)


def points(units: int, wallet: str, definitions: Definitions, lang: str) -> str:
    """A number of points with the wallet's own word for them."""
    return counted(Decimal(units).scaleb(-definitions.scale(wallet)), wallet, definitions, lang)


def counted(number: Decimal, wallet: str, definitions: Definitions, lang: str) -> str:
    """The same for points as a document writes them, which may be a fraction of what the wallet keeps."""
    own = definitions.programme.wallets[wallet]
    whole, _, part = exact.plain(number).partition(".")
    figure = f"{int(whole):,}" + (f".{part}" if part else "")
    unit = own.unit_one if number == 1 and own.unit_one and lang == "en" else own.unit.say(lang)
    return say("points", lang, points=figure, unit=unit)


def kind_of_points(wallet: str, definitions: Definitions, lang: str) -> str:
    """What points of a wallet are called where no number stands before them: in Chinese a unit may be a counter."""
    own = definitions.programme.wallets[wallet]
    return own.unit.say(lang) if lang == "en" else own.title.say(lang)


def value(variable: Variable, found: Any, definitions: Definitions, lang: str) -> str:
    """A fact, or what it is compared with, as a person reads it."""
    if found is None:
        return say("unknown", lang)
    if isinstance(found, tuple | list | frozenset):
        return joined((value(variable, one, definitions, lang) for one in found), lang) or say("nothing", lang)
    if isinstance(found, bool):
        return say("yes" if found else "no", lang)
    if variable.type == "money":
        return money(found, definitions, lang)
    if variable.type == "points":
        wallet = variable.unit or definitions.programme.main_wallet
        return points(found, wallet, definitions, lang)
    if variable.type == "weekday":
        return locales.text(f"weekday.{found}", lang)
    if isinstance(found, int | Decimal):
        return number(variable, Decimal(found), lang)
    if isinstance(found, date | time | timedelta):
        return when(found, lang)
    labels = variable.option_labels.get(str(found))
    return labels[lang] if labels else quoted(str(found), lang)


def number(variable: Variable, found: Decimal, lang: str) -> str:
    """A count with its unit."""
    figure = exact.plain(found)
    if not variable.unit:
        return figure
    return locales.text(f"unit.{variable.unit}{'_one' if found == 1 else ''}", lang, count=figure)


def when(found: date | time | timedelta, lang: str) -> str:
    """A day, an instant, a time of day or a length of time."""
    if isinstance(found, timedelta):
        return length(found, lang)
    return durations.clock(found) if isinstance(found, time) else found.isoformat()


def length(found: timedelta, lang: str) -> str:
    """A length of time, by its parts from the days down; a part of a minute counts in seconds, cut to whole ones."""
    parts, rest = [], abs(found)
    for name, unit in (("d", durations.UNITS["d"]), ("h", durations.UNITS["h"]), ("m", durations.UNITS["m"])):
        count, rest = divmod(rest, unit)
        parts += [counted_unit(name, count, lang)] if count else []
    if rest.seconds or not parts:
        parts.append(counted_unit("s", rest.seconds, lang))
    text = parts[0]
    for part in parts[1:]:
        text = say("length_and", lang, first=text, rest=part)
    return text if found >= timedelta() else say("length_ahead", lang, length=text)


def counted_unit(name: str, count: int, lang: str) -> str:
    """So many of a unit of time."""
    return locales.text(f"length.{name}{'_one' if count == 1 else ''}", lang, count=count)


def compared(leaf: Leaf, definitions: Definitions, lang: str) -> str:
    """What a condition compares with: ranks of a ladder by their level's name."""
    variable, asked = leaf.variable, leaf.value
    if variable.type != "tier":
        return value(variable, sorted(asked) if isinstance(asked, frozenset) else asked, definitions, lang)
    ranks = sorted(asked) if isinstance(asked, frozenset) else [asked]
    return joined((value(variable, variable.options[rank], definitions, lang) for rank in ranks), lang)


def leaf_words(leaf: Leaf, definitions: Definitions, lang: str) -> str:
    """One condition as a clause."""
    label, operator = leaf.variable.label(lang), leaf.operator
    code = f"{operator.name}.{leaf.variable.name}"  # What is so or not is asked in a clause of its own.
    if f"rule.{code}" not in locales.texts("en"):
        code = phrase("share" if leaf.variable.of else leaf.variable.type, operator.name)
    if operator.input == "none":
        return say(code, lang, label=label)
    if operator.input == "range":
        low, high = (value(leaf.variable, end, definitions, lang) for end in leaf.value)
        return say(code, lang, label=label, low=low, high=high)
    return say(code, lang, label=label, value=compared(leaf, definitions, lang))


def phrase(kind: str, operator: str) -> str:
    """The key of an operator's phrase: its type's own, where that reads differently."""
    own = f"{kind}.{operator}"
    return own if f"rule.{own}" in locales.texts("en") else operator


def condition(found: Condition | None, definitions: Definitions, lang: str) -> str:
    """A whole condition; groups inside it in brackets."""
    match found:
        case None:
            return say("always", lang)
        case Leaf():
            return leaf_words(found, definitions, lang)
        case Not(part):
            return say("not", lang, part=bracketed(part, definitions, lang))
        case Lines(word, count, part):
            return say(word, lang, count=count, part=bracketed(part, definitions, lang))
        case All(parts) | Some(parts):
            word = say("and" if isinstance(found, All) else "or", lang)
            if len(parts) == 1:
                return condition(parts[0], definitions, lang)
            return word.join(bracketed(part, definitions, lang) for part in parts)


def bracketed(part: Condition, definitions: Definitions, lang: str) -> str:
    """A part, in brackets if it is a group itself."""
    text = condition(part, definitions, lang)
    while isinstance(part, All | Some) and len(part.parts) == 1:
        part = part.parts[0]
    return text if isinstance(part, Leaf) else say("brackets", lang, part=text)


def event(kind: str, definitions: Definitions, lang: str) -> str:
    """When a policy is asked."""
    if kind in KINDS:
        return locales.text(f"event.{kind}", lang)
    return locales.text("event.custom", lang, title=definitions.programme.event_types[kind].title.say(lang), kind=kind)


def limits(own: Limits | None, definitions: Definitions, lang: str) -> list[str]:
    """What a policy gives at most."""
    if own is None:
        return []
    parts = [limit(name, most, lang) for name, most in named(own)]
    if own.budget is not None:
        parts.append(budget(definitions.programme.budgets[own.budget], definitions, lang))
    return parts


def limit(name: str, most: int, lang: str) -> str:
    """One cap."""
    period = locales.text(f"period.{period_of(name)}", lang)
    code = "limit_points" if name.startswith("points") else "limit_times"
    code += "" if of_member(name) else "_order" if name.endswith("_order") else "_in_all"
    return say(code + ("_one" if most == 1 else ""), lang, most=f"{most:,}", period=period)


def budget(own: Budget, definitions: Definitions, lang: str) -> str:
    """A shared budget."""
    wallet = own.wallet or definitions.programme.main_wallet
    total = sizes(own, wallet, definitions, lang)
    text = say("budget", lang, title=quoted(own.title.say(lang), lang), total=total)
    if own.kept is None:
        return text
    ladder = own.kept.ladder or definitions.programme.ladder or ""
    level = next(one for one in definitions.standards[ladder].ladder.levels if one.key == own.kept.at_least)
    return say(
        "budget_kept", lang, text=text, level=level.title.say(lang), part=sizes(own.kept, wallet, definitions, lang)
    )


def sizes(own: Budget | Kept, wallet: str, definitions: Definitions, lang: str) -> str:
    """How much a budget has, or keeps: points, awards, or both."""
    parts = [] if own.points is None else [counted(own.points, wallet, definitions, lang)]
    if own.times is not None:
        parts.append(say("awards_one" if own.times == 1 else "awards", lang, times=f"{own.times:,}"))
    return say("both", lang).join(parts)


def stacking(own: Stacking | None, lang: str) -> list[str]:
    """How a policy combines with others."""
    return [] if own is None else [say(f"stacking_{own.mode}", lang, group=own.group)]
