"""How points wait and how they end, in plain words."""

from rules import ends
from rules.expiry import ByTier, Ending, EndOf, Expiry, Inactive, Pending, Yearly
from rules.parts import Span
from rules.rule import Definitions
from rules.words import event, joined, say

DOING = "points.transfer"


def pending(own: Pending | None, lang: str) -> str:
    """How long points wait, where a document says so."""
    if own is None:
        return ""
    if own.open:
        return say("pending_open", lang)
    if own.first_of_month_after is not None:
        return months("pending_first", own.first_of_month_after, lang)
    if own.months is not None:
        return months("pending_months", own.months, lang)
    return say("pending_none", lang) if own.days == 0 else say("pending_days", lang, days=own.days)


def expiry(own: Expiry | None, definitions: Definitions, lang: str) -> str:
    """How long points live, where a document says so."""
    if own is None:
        return ""
    return ending(own, definitions, lang) if own.by_tier is None else by_tier(own.by_tier, definitions, lang)


def ending(own: Ending, definitions: Definitions, lang: str) -> str:
    """One way to end."""
    if own.after is not None:
        return say("expires_after", lang, span=span(own.after, lang))
    if own.first_of_month_after is not None:
        code = "expires_month_one" if own.first_of_month_after == 1 else "expires_month"
        return say(code, lang, months=own.first_of_month_after)
    if own.end_of is not None:
        return end_of(own.end_of, lang)
    if own.on is not None:
        return say("expires_on", lang, day=own.on.isoformat())
    if own.yearly is not None:
        return yearly(own.yearly, lang)
    if own.inactive is not None:
        return inactive(own.inactive, definitions, lang)
    return say("expires_never", lang)


def by_tier(own: ByTier, definitions: Definitions, lang: str) -> str:
    """Tier by tier, then everybody else."""
    ladder = definitions.standards[own.ladder or definitions.programme.ladder or ""].ladder
    titles = {level.key: level.title.say(lang) for level in ladder.levels}
    parts = [
        say("expires_tier", lang, tier=titles[key], words=ending(one, definitions, lang))
        for key, one in own.levels.items()
    ]
    return joined([*parts, say("expires_else", lang, words=ending(own.otherwise, definitions, lang))], lang)


def end_of(own: EndOf, lang: str) -> str:
    """The end of a period."""
    if own.after < 2:
        return say(f"expires_end_{own.period}_{own.after}", lang)
    return say(f"expires_end_{own.period}", lang, count=own.after)


def yearly(own: Yearly, lang: str) -> str:
    """A day of the year."""
    day = (
        say("day_last", lang, month=own.month) if own.day == "last" else say("day", lang, month=own.month, day=own.day)
    )
    return say("expires_yearly" + ("_one" if own.after == 1 else ""), lang, day=day, count=own.after)


def inactive(own: Inactive, definitions: Definitions, lang: str) -> str:
    """How long after which doings."""
    kinds = joined((doing(kind, definitions, lang) for kind in own.reset_by), lang)
    return say("expires_inactive", lang, span=span(own.after, lang), kinds=kinds)


def doing(kind: str, definitions: Definitions, lang: str) -> str:
    """One thing a member does."""
    return say("doing_transfer", lang) if kind == DOING else event(kind, definitions, lang)


def months(code: str, count: int, lang: str) -> str:
    """So many months."""
    return say(code + ("_one" if count == 1 else ""), lang, count=count)


def span(own: Span, lang: str) -> str:
    """A stretch of time."""
    name, count = next((name, count) for name, count in own.model_dump(exclude_none=True).items())
    return say(f"span_{name}{'_one' if count == 1 else ''}", lang, count=count)


def idle(text: str, lang: str) -> str:
    """A stretch of time as a lot keeps it."""
    return span(ends.read(text), lang)
