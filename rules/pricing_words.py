"""Prices in plain words: what a benefit costs, and what it asks besides."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from rules import actions
from rules.earning_words import amount, wallet
from rules.rule import Definitions
from rules.words import counted, joined, quoted, say


def benefit(key: str, definitions: Definitions, lang: str) -> str:
    """What a benefit is called; the key, where two are called the same."""
    title = definitions.benefits[key].title.say(lang)
    same = sum(one.title.say(lang) == title for one in definitions.benefits.values())
    return quoted(title, lang) if same == 1 else f"{quoted(title, lang)} ({key})"


def cost(points: Decimal, beside: Decimal | None, params: actions.Price, definitions: Definitions, lang: str) -> str:
    """Points, and money beside them."""
    text = counted(points, wallet(params, definitions), definitions, lang)
    if beside is None:
        return text
    return say("cost_money", lang, points=text, money=amount("order_paid", beside, definitions, lang))


def asked(text: str, params: actions.Price, definitions: Definitions, lang: str) -> str:
    """What a price asks besides points."""
    parts = [text]
    if params.minimum_basket is not None:
        least = amount("order_paid", params.minimum_basket, definitions, lang)
        parts.append(say("price_basket", lang, least=least))
    if params.one_per_order:
        parts.append(say("price_once", lang))
    return say("clause", lang).join(parts)


def price_fixed(params: actions.PriceFixed, definitions: Definitions, lang: str) -> str:
    """A price."""
    points = cost(params.points, params.money, params, definitions, lang)
    text = say("price", lang, points=points, benefit=benefit(params.benefit, definitions, lang))
    return asked(text, params, definitions, lang)


def price_stepped(params: actions.PriceStepped, definitions: Definitions, lang: str) -> str:
    """A price by steps, or by any sum of them."""
    steps = [
        say(
            "step",
            lang,
            value=amount("order_paid", step.value, definitions, lang),
            points=cost(step.points, step.money, params, definitions, lang),
        )
        for step in params.steps
    ]
    text = say("price_steps", lang, steps=joined(steps, lang), benefit=benefit(params.benefit, definitions, lang))
    if params.combine:
        text = say("clause", lang).join((text, say("price_combined", lang)))
    if params.most is not None:
        most = amount("order_paid", params.most, definitions, lang)
        text = say("clause", lang).join((text, say("price_most", lang, most=most)))
    return asked(text, params, definitions, lang)


def price_rate(params: actions.PriceRate, definitions: Definitions, lang: str) -> str:
    """A price by rate, its steps, and from where to where."""

    def worth(value: Decimal) -> str:
        return amount("order_paid", value, definitions, lang)

    own = wallet(params, definitions)
    points, name = counted(params.points, own, definitions, lang), benefit(params.benefit, definitions, lang)
    parts = [say("price_rate", lang, benefit=name, points=points, per=worth(params.per))]
    for step in params.steps:
        dearer = counted(step.points, own, definitions, lang)
        parts.append(say("price_rate_step", lang, start=worth(step.start), points=dearer))
    if params.least is not None:
        parts.append(say("price_least", lang, least=worth(params.least)))
    if params.most is not None:
        parts.append(say("price_most", lang, most=worth(params.most)))
    return asked(say("clause", lang).join(parts), params, definitions, lang)


WORDS: Mapping[type[actions.Params], Callable[[Any, Definitions, str], str]] = {
    actions.PriceFixed: price_fixed,
    actions.PriceStepped: price_stepped,
    actions.PriceRate: price_rate,
}
