"""When a policy is live, in plain words: every part of its calendar, none left out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

import locales
from rules.parts import WEEKDAYS, Moment
from rules.window import Festival, NthWeekday, Season, Window


def say(code: str, lang: str, **params: object) -> str:
    """A phrase about rules."""
    return locales.text(f"rule.{code}", lang, **params)


def joined(parts: Iterable[str], lang: str) -> str:
    """A list as people write it."""
    return say("comma", lang).join(parts)


def moment(at: Moment) -> str:
    """A day or a moment."""
    return at.isoformat(" ") if isinstance(at, datetime) else at.isoformat()


def weekday(day: str, lang: str) -> str:
    """A weekday's name."""
    return locales.text(f"weekday.{day}", lang)


def dates(days: Iterable[date], lang: str) -> str:
    """Some days, in order."""
    return joined((day.isoformat() for day in sorted(set(days))), lang)


def day_of_month(day: int | str, lang: str) -> str:
    """A day of the month by its number, or its last."""
    return say("last_day", lang) if day == "last" else say("day_of_month", lang, day=day)


def season(own: Season, lang: str) -> str:
    """From a day of the year to another."""
    if own.start == own.until:
        return own.start
    return say("season", lang, start=own.start, until=own.until)


def nth(own: NthWeekday, lang: str) -> str:
    """The second Tuesday."""
    return say(f"nth_{own.nth}", lang, weekday=weekday(own.weekday, lang))


def festival(own: Festival, lang: str) -> str:
    """A festival and the days around it."""
    name = locales.text(f"festival.{own.name}", lang)
    around = [
        say(f"festival_{side}{'_one' if count == 1 else ''}", lang, days=count)
        for side, count in (("before", own.days_before), ("after", own.days_after))
        if count
    ]
    return say("festival_around", lang, name=name, around=joined(around, lang)) if around else name


PARTS: Mapping[str, Callable[[Any, str], str]] = {
    "start": lambda own, lang: say("from", lang, at=moment(own)),
    "until": lambda own, lang: say("until", lang, at=moment(own)),
    "weekdays": lambda own, lang: say(
        "weekdays", lang, days=joined((weekday(day, lang) for day in dict.fromkeys(own)), lang)
    ),
    "dates": lambda own, lang: say("dates", lang, days=dates(own, lang)),
    "days_of_month": lambda own, lang: say(
        "days_of_month", lang, days=joined((day_of_month(day, lang) for day in dict.fromkeys(own)), lang)
    ),
    "months": lambda own, lang: say(
        "months", lang, months=joined((locales.text(f"month.{month}", lang) for month in sorted(set(own))), lang)
    ),
    "yearly": lambda own, lang: say("yearly", lang, days=joined((season(one, lang) for one in own), lang)),
    "nth_weekdays": lambda own, lang: say("nth_weekdays", lang, days=joined((nth(one, lang) for one in own), lang)),
    "festivals": lambda own, lang: say("festivals", lang, days=joined((festival(one, lang) for one in own), lang)),
    "except_": lambda own, lang: say("except", lang, days=dates(own, lang)),
    "hours": lambda own, lang: say("hours", lang, start=own.start, until=own.until),
}


def window(valid: Window | None, lang: str) -> list[str]:
    """When a policy is live, part by part."""
    if valid is None:
        return []
    return [say_part(own, lang) for name, say_part in PARTS.items() if (own := getattr(valid, name)) is not None]


@cache
def field(part: str) -> str:
    """The field of the model that a part of the document is."""
    return next(name for name, info in Window.model_fields.items() if (info.alias or name) == part)


def unmet(valid: Window, part: str, found: str, lang: str) -> str:
    """The part of a calendar that an instant is not in, and that instant: local, with its weekday."""
    local = datetime.fromisoformat(found)
    at = say("at_moment", lang, day=local.date().isoformat(), weekday=weekday(WEEKDAYS[local.weekday()], lang),
             time=f"{local:%H:%M}")  # fmt: skip
    return say("because_window", lang, wanted=PARTS[field(part)](getattr(valid, field(part)), lang), found=at)
