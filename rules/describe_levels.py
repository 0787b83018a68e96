"""The levels of a programme in a guide: what reaches each, what each gives, and how one stays."""

from collections.abc import Iterator

import locales
from rules import tier_words, words
from rules.describe_words import Page, bullet, clean, guide
from rules.rule import Standard
from rules.satisfy import Bound, Question
from rules.tiers import EndOfMonth, Review, Status


def levels(own: Page) -> Iterator[str]:
    """Each ladder: a table of its levels, then its rules."""
    several = len(own.definitions.standards) > 1
    for key, standard in own.definitions.standards.items():
        if several:
            yield from (f"### {clean(standard.ladder.title.say(own.lang))}", "")
        yield from table(own, key, standard)
        yield ""
        yield from (bullet(line) for line in terms(own, standard))
        yield ""


def table(own: Page, key: str, standard: Standard) -> Iterator[str]:
    """A row for each level, the lowest first; columns that would say nothing are left out."""
    rows = [cells(own, key, standard, rank) for rank in range(len(standard.ladder.levels))]
    wanted = [name for name in COLUMNS if name in ALWAYS or any(row[name] for row in rows)]
    yield f"| {' | '.join(guide(f'column_{name}', own.lang) for name in wanted)} |"
    yield "|" + "---|" * len(wanted)
    for row in rows:
        yield f"| {' | '.join(row[name] or '–' for name in wanted)} |"


def cells(own: Page, key: str, standard: Standard, rank: int) -> dict[str, str]:
    """What each column says of one level."""
    level, reach, lang = standard.ladder.levels[rank], standard.reach[rank], own.lang
    asked = guide("everybody", lang) if reach is None else words.condition(reach, own.definitions, lang)
    keeps = level.keep is not None and standard.keep[rank] is not None
    status = standard.ladder.status_of(rank)
    return {
        "level": f"**{clean(level.title.say(lang))}**",
        "reach": clean(asked),
        "keep": clean(words.condition(standard.keep[rank], own.definitions, lang)) if keeps else "",
        "status": lasts(status, lang) if status is not None else "",
        "benefits": words.joined(given(own, key, level.key), lang),
    }


def lasts(status: Status, lang: str) -> str:
    """How long a level is valid."""
    if status.never:
        return guide("status_never", lang)
    if status.end_of is not None:
        count = status.end_of.after
        return guide(f"status_end_of_{status.end_of.period}_{count if count < 2 else 'n'}", lang, n=count)
    if status.end_of_month is not None:
        return month_end(status.end_of_month, lang)
    if status.days is not None:
        return guide("status_days", lang, n=status.days)
    return guide("status_months", lang, n=status.months or 0)


def month_end(end: EndOfMonth, lang: str) -> str:
    """The end of a month of the year: the n-th to come, or the one of a later year."""
    form, count = ("years", end.years) if end.after is None else ("after", end.after)
    code = f"status_month_{form}{'_1' if count in (None, 1) else ''}"
    return guide(code, lang, month=locales.text(f"month.{end.month}", lang), n=count or 1)


COLUMNS = ("level", "reach", "keep", "status", "benefits")
ALWAYS = ("level", "reach")


def given(own: Page, ladder: str, level: str) -> Iterator[str]:
    """The benefits that name a level, and that its members can have."""
    name = f"tier_{ladder.replace('-', '_')}"
    main = own.definitions.programme.ladder
    same = {"member_tier": f"tier_{main.replace('-', '_')}"} if main else {}
    question = Question({name: Bound(lambda value: value == level)}, same)
    for key, asked in sorted(own.definitions.available_to.items()):
        if asked is not None and question.possible(asked) is not False:
            yield clean(own.definitions.benefits[key].title.say(own.lang))


def terms(own: Page, standard: Standard) -> Iterator[str]:
    """When one rises, when levels are looked at again, and how far one can fall."""
    ladder, lang = standard.ladder, own.lang
    if isinstance(ladder.upgrade, str):
        yield guide(f"upgrade_{ladder.upgrade}", lang)
    else:
        yield guide("upgrade_after", lang, span=tier_words.stretch(ladder.upgrade.after, lang))
    if ladder.review is not None:
        yield reviewed(ladder.review, lang)
    yield demoted(own, standard)


def reviewed(review: Review, lang: str) -> str:
    """When everybody's level, or each member's own, is looked at again."""
    if review.every is not None:
        return guide(f"review_{review.every}", lang)
    return guide(f"review_own_{review.start or 'joined'}", lang, months=review.months or 0)


def demoted(own: Page, standard: Standard) -> str:
    """How far one falls, when, and how often."""
    demotion, lang = standard.ladder.demotion, own.lang
    if demotion is None:
        return guide("demotion_never", lang)
    # Without a review it is the end of the level itself that asks again.
    reviewed_too = any(standard.ladder.review_of(rank) for rank in range(len(standard.ladder.levels)))
    text = guide(f"demotion_{demotion.to}" if reviewed_too else f"ended_{demotion.to}", lang)
    if standard.demotion is not None:
        asked = words.condition(standard.demotion, own.definitions, lang)
        text = guide("demotion_when", lang, text=text, condition=clean(asked))
    if demotion.at_most is not None:
        limit = demotion.at_most
        text = guide("demotion_at_most", lang, text=text, times=limit.times, months=limit.months)
    return guide("stop", lang, text=text)
