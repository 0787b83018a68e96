"""What earns points, in plain words: of what, at which rate, how it is rounded, from where and up to where."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import locales
from rules import actions, exact
from rules.facts import Variable
from rules.rule import Definitions
from rules.words import counted, joined, kind_of_points, money, number, quoted, say


def wallet(params: Any, definitions: Definitions) -> str:
    """The wallet an action means."""
    return params.wallet or definitions.programme.main_wallet


def base(name: str, definitions: Definitions, lang: str) -> str:
    """What something is earned on."""
    own = f"base.{name}"
    return say(own, lang) if f"rule.{own}" in locales.texts("en") else definitions.catalogue.variables[name].label(lang)


def amount(name: str, found: Decimal, definitions: Definitions, lang: str) -> str:
    """A figure of a base, as a document writes it."""
    variable = definitions.catalogue.variables.get(name)
    if variable is None or variable.type == "money":
        minor = Fraction(found) * 10**definitions.catalogue.currency_scale
        # Money has no fraction of a minor unit; a rate may: then the figure is written as the document has it.
        return money(int(minor), definitions, lang) if minor.denominator == 1 else exact.plain(found)
    if variable.type == "points":
        return counted(found, variable.unit or definitions.programme.main_wallet, definitions, lang)
    return number(variable, found, lang)


def earn_points(params: actions.EarnPoints, definitions: Definitions, lang: str) -> str:
    """A fixed number."""
    return say("earn_points", lang, points=counted(params.points, wallet(params, definitions), definitions, lang))


def rate(params: actions.EarnPerAmount | actions.EarnPerUnit, definitions: Definitions, lang: str) -> dict[str, str]:
    """The parts of a rate."""
    name = actions.base_of(params)
    return {
        "points": counted(params.points, wallet(params, definitions), definitions, lang),
        "per": amount(name, params.per, definitions, lang),
        "base": base(name, definitions, lang),
    }


def within(text: str, params: actions.ByAmount, definitions: Definitions, lang: str) -> str:
    """How it is rounded, from which amount on, and how much at most."""
    parts = [text, say(f"rounding.{params.rounding}", lang)]
    if params.minimum is not None:
        least = amount(actions.base_of(params), params.minimum, definitions, lang)
        parts.append(say("earn_minimum", lang, least=least))
    if params.cap is not None:
        parts.append(say("earn_cap", lang, points=counted(params.cap, wallet(params, definitions), definitions, lang)))
    return say("clause", lang).join(parts)


def earn_per(params: actions.EarnPerAmount | actions.EarnPerUnit, definitions: Definitions, lang: str) -> str:
    """A rate, its base and its rounding."""
    return within(say("earn_per", lang, **rate(params, definitions, lang)), params, definitions, lang)


def earn_by_table(params: actions.EarnByTable, definitions: Definitions, lang: str) -> str:
    """A rate for each value."""
    own, name = wallet(params, definitions), actions.base_of(params)
    rates = {key: counted(points, own, definitions, lang) for key, points in params.table.items()}
    otherwise = None if params.otherwise is None else counted(params.otherwise, own, definitions, lang)
    text = say(
        "earn_by_table",
        lang,
        per=amount(name, params.per, definitions, lang),
        base=base(name, definitions, lang),
        rows=rows(params.by, rates, otherwise, definitions, lang),
    )
    return within(text, params, definitions, lang)


def rows(by: str, table: Mapping[str, str], otherwise: str | None, definitions: Definitions, lang: str) -> str:
    """A table: what it is looked up by, then each row."""
    variable = definitions.catalogue.variables[by]
    told = [say("table_row", lang, key=row_key(variable, key, lang), value=value) for key, value in table.items()]
    if otherwise is not None:
        told.append(say("table_row", lang, key=say("table_otherwise", lang), value=otherwise))
    return say("table", lang, label=variable.label(lang), rows=joined(told, lang))


def row_key(variable: Variable, key: str, lang: str) -> str:
    """What a row stands for."""
    if variable.type == "boolean":
        return say("yes" if key == "true" else "no", lang)
    if variable.type == "weekday":
        return locales.text(f"weekday.{key}", lang)
    labels = variable.option_labels.get(key)
    return labels[lang] if labels else quoted(key, lang)


def earn_by_steps(params: actions.EarnBySteps, definitions: Definitions, lang: str) -> str:
    """Steps, and what reaching one means."""
    steps = joined((step(params, one, definitions, lang) for one in params.steps), lang)
    text = say(f"earn_by_steps.{params.mode}", lang, base=base(params.of, definitions, lang), steps=steps)
    return within(text, params, definitions, lang)


def step(params: actions.EarnBySteps, own: actions.EarnStep, definitions: Definitions, lang: str) -> str:
    """One step."""
    return say(
        "earn_step_every" if params.mode == "repeat" else "earn_step" if own.per is None else "earn_step_rate",
        lang,
        start=amount(params.of, own.start, definitions, lang),
        points=counted(own.points, wallet(params, definitions), definitions, lang),
        **({} if own.per is None else {"per": amount(params.of, own.per, definitions, lang)}),
    )


def multiply(params: actions.Multiply, definitions: Definitions, lang: str) -> str:
    """A factor, or a table of them."""
    unit = kind_of_points(wallet(params, definitions), definitions, lang)
    if params.factor is not None:
        return say("multiply", lang, unit=unit, factor=exact.plain(params.factor))
    table = {key: f"× {exact.plain(factor)}" for key, factor in (params.table or {}).items()}
    otherwise = None if params.otherwise is None else f"× {exact.plain(params.otherwise)}"
    found = rows(params.by or "", table, otherwise, definitions, lang)
    return say("multiply_table", lang, unit=unit, rows=found)


WORDS: Mapping[type[actions.Params], Callable[[Any, Definitions, str], str]] = {
    actions.EarnPoints: earn_points,
    actions.EarnPerAmount: earn_per,
    actions.EarnPerUnit: earn_per,
    actions.EarnByTable: earn_by_table,
    actions.EarnBySteps: earn_by_steps,
    actions.Multiply: multiply,
}
