"""A benefit's terms in plain words: for whom, from when and how long, where, how many, and what it costs."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from rules import expiry_words, words
from rules.benefit_terms import Life, Quota, Use
from rules.benefits import Benefit
from rules.conditions import Condition
from rules.describe_words import Page, clean, guide
from rules.early import Opening
from rules.parts import Span

PLACES: Final = ("channels", "stores", "shops", "skus", "brands", "categories", "tags")


def terms(key: str, own: Page) -> list[str]:
    """Everything a member should know of a benefit, phrase by phrase."""
    benefit = own.definitions.benefits[key]
    return [clean(one) for part in PARTS for one in part(key, benefit, own)]


def whom(key: str, benefit: Benefit, own: Page) -> Iterator[str]:
    """For whom it is, and that whoever may have it has it."""
    available = own.definitions.available_to.get(key)
    if available is not None:
        asked = words.condition(available, own.definitions, own.lang)
        yield guide("available_to", own.lang, condition=asked)


def worth(key: str, benefit: Benefit, own: Page) -> Iterator[str]:
    """What it comes to, where its description may not say."""
    if benefit.minimum_spend is not None:
        yield guide("minimum_spend", own.lang, amount=own.money(benefit.minimum_spend))
    if benefit.most is not None:
        yield guide("most", own.lang, amount=own.money(benefit.most))
    if benefit.plan is not None:
        yield guide(f"plan_{benefit.plan.every}", own.lang, amount=own.money(benefit.plan.fee))
    for one in benefit.contains or ():
        title = own.definitions.benefits[one.benefit].title.say(own.lang)
        yield guide("contains", own.lang, count=one.count, title=title)


def lasts(key: str, benefit: Benefit, own: Page) -> Iterator[str]:
    """From when, and how long."""
    if benefit.opening is not None:
        yield from opening(benefit.opening, own.definitions.early_to.get(key, ()), own)
    if benefit.valid is not None:
        yield from life(benefit.valid, own.lang)


def life(valid: Life, lang: str) -> Iterator[str]:
    """How long a piece can be used."""
    if valid.start is not None:
        yield guide("usable_from", lang, day=moment(valid.start))
    if valid.until is not None:
        yield words.say("expires_on", lang, day=moment(valid.until))
    elif valid.end_of is not None:
        yield guide(f"good_to_end_of_{valid.end_of}", lang)
    else:
        span = Span(days=valid.days) if valid.days is not None else Span(months=valid.months)
        yield words.say("expires_after", lang, span=expiry_words.span(span, lang))


def opening(one: Opening, early: tuple[Condition | None, ...], own: Page) -> Iterator[str]:
    """When it opens to the public, when it closes, and who may come in before."""
    yield guide("opens_at", own.lang, day=moment(one.opens_at))
    for group, condition in zip(one.early, early, strict=True):
        asked = words.condition(condition, own.definitions, own.lang) if condition is not None else ""
        yield guide("early", own.lang, hours=group.hours, condition=asked)
    if one.closes_at is not None:
        yield guide("closes_at", own.lang, day=moment(one.closes_at))


def places(key: str, benefit: Benefit, own: Page) -> Iterator[str]:
    """Where it can be used."""
    use = benefit.use or Use()
    for name in PLACES:
        named = getattr(use, name)
        if named is not None:
            yield guide(f"use_{name}", own.lang, names=words.joined(named, own.lang))
    if not use.combinable:
        yield guide("alone", own.lang)


def counts(key: str, benefit: Benefit, own: Page) -> Iterator[str]:
    """How many each may have, and how many there are."""
    if benefit.per_member is not None:
        yield numbered("per_member", benefit.per_member, own.lang)
    if benefit.uses is not None:
        yield guide("uses", own.lang, count=benefit.uses)
    for one in benefit.quotas:
        yield quota(one, own)


def quota(one: Quota, own: Page) -> str:
    """So many at most, of whom and in which time."""
    whose = f"quota_{one.of}"
    if one.per is not None:
        return guide(f"{whose}_{one.per}", own.lang, count=one.most)
    if one.until is not None:
        return guide(f"{whose}_until", own.lang, count=one.most, day=moment(one.until))
    return guide(f"{whose}_policy", own.lang, count=one.most)


def costs(key: str, benefit: Benefit, own: Page) -> Iterator[str]:
    """What one pays for it, or that it is free."""
    if benefit.claim:
        yield guide("claim", own.lang)
    price = benefit.price
    if price is None:
        return
    wallet = price.wallet or own.definitions.main_wallet
    if price.points is not None:
        yield paid(price.points, price.money, wallet, own)
    for step in price.steps or ():
        sum_ = paid(step.points, step.money, wallet, own)
        yield guide("price_step", own.lang, value=own.money(step.value), price=sum_)


def paid(points: Decimal, money: Decimal | None, wallet: str, own: Page) -> str:
    """Points, and money beside them."""
    counted = words.counted(points, wallet, own.definitions, own.lang)
    if money is None:
        return guide("price", own.lang, points=counted)
    return guide("price_money", own.lang, points=counted, amount=own.money(money))


def numbered(code: str, count: int, lang: str) -> str:
    """So many, or one."""
    return guide(code + ("_one" if count == 1 else ""), lang, count=count)


def moment(at: date | datetime) -> str:
    """A day, or a moment to the minute."""
    return at.strftime("%Y-%m-%d %H:%M") if isinstance(at, datetime) else at.isoformat()


Part = Callable[[str, Benefit, Page], Iterator[str]]
PARTS: Final[tuple[Part, ...]] = (whom, worth, lasts, places, counts, costs)
