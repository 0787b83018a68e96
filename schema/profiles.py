"""What a person says of itself: values (masked for everybody else), days, preferences, and how complete it is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import strawberry

from locales import text
from loyalty import masking, privacy
from loyalty.events import ProfileChanged
from loyalty.refusals import Malformed, every_language
from loyalty.views import Account
from models.codec import parse
from models.members import Personal
from rules import profiles as declared
from schema.needs import says
from schema.reader import Reader
from schema.scalars import JSON

NAMED = ("name", "birthday", "gender", "phone", "email", "address")


@strawberry.input(description="What is personal. All of it can be left out; an empty value takes one away.")
class ProfileInput:
    """Sealed under a key of the member's own."""

    name: str | None = says("The name.", default=None)
    birthday: date | None = says("The birthday.", default=None)
    gender: str | None = says("The gender, in any words.", default=None)
    phone: str | None = says("A phone number to write to.", default=None)
    email: str | None = says("An e-mail address to write to.", default=None)
    address: str | None = says("A postal address.", default=None)
    more: JSON | None = says(
        "Fields and days that `programme.json` declares besides, as text by name; days are YYYY-MM-DD.", default=None
    )
    preferences: JSON | None = says(
        'Options chosen, by preference: {"care": ["skin", "hair"]}. Of a preference named, these and no others.',
        default=None,
    )


@strawberry.type(description="One field of a profile, or one day that comes round.")
class ProfileValue:
    """Masked for whoever is not the member itself."""

    name: str = says("Its name.")
    title: str = says("What it is called.")
    value: str | None = says("Its value, or what may be seen of it; null where there is none.")
    masked: bool = says("Whether this is not the value itself.")
    counts: bool = says("Whether it counts for completeness.")


@strawberry.type(description="One thing a person likes or needs.")
class PreferenceChoice:
    """Out of a declared list."""

    preference: str = says("The list.")
    option: str = says("The option.")
    title: str = says("What it is called.")


@strawberry.type(description="A member's profile. Personal values are masked for everybody but the member itself.")
class Profile:
    """Read in one go, unsealed where somebody reads it."""

    completeness: int = says("How much of what counts is filled in, in whole percent, rounded down.")
    missing: list[str] = says("What counts and is not filled in, by name.")
    values: list[ProfileValue] = says("Every field and day, in the order the programme declares them.")
    preferences: list[PreferenceChoice] = says("What has been chosen.")


def profile_of(reader: Reader, account: Account) -> Profile:
    """A profile as its reader sees it."""
    own = account.turn.programme.profile
    row = account.turn.book.get(Personal, account.member.id)
    values = privacy.unseal(reader.house.secrets, row) if row else {}
    filled = privacy.filled(reader.house.secrets, row) if row else frozenset()
    chosen: list[str] = parse(row.preferences) if row and row.preferences else []
    titles = declared.options(own)
    return Profile(
        completeness=declared.completeness(own, filled),
        missing=[name for name in names(own) if name in declared.counted(own) - filled],
        values=[_value(reader, account, name, values) for name in names(own)],
        preferences=[
            PreferenceChoice(
                preference=one.partition(".")[0],
                option=one.partition(".")[2],
                title=reader.say(titles[one]) if one in titles else one,
            )
            for one in chosen
        ],
    )


def names(own: declared.Profile | None) -> list[str]:
    """Every field and day, then preferences: built-in ones first."""
    parts = (own.fields, own.dates) if own else ()
    found = [*declared.BUILT_IN, *(name for part in parts for name in part)]
    return list(dict.fromkeys(found))


def title(reader: Reader, own: declared.Profile | None, name: str) -> str:
    """What a field or a day is called."""
    parts = (own.fields, own.dates) if own else ()
    given = next((part[name].title for part in parts if name in part), None)
    return reader.say(given) if given else text(f"profile.{name}", reader.lang())


def _value(reader: Reader, account: Account, name: str, values: Mapping[str, str]) -> ProfileValue:
    own = account.turn.programme.profile
    value, hide = values.get(name), not reader.own(account.member.id)
    shown = masking.masked(declared.mask(own, name), value) if value and hide else value
    return ProfileValue(
        name=name,
        title=title(reader, own, name),
        value=shown,
        masked=hide and value is not None,
        counts=name in declared.counted(own),
    )


def personal(given: ProfileInput | None) -> dict[str, str]:
    """What was given, as text by name."""
    found: dict[str, Any] = {name: getattr(given, name) for name in NAMED} if given else {}
    texts = {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}
    more = _named(given.more, "/profile/more") if given else {}
    for name, value in more.items():
        if value is not None and not isinstance(value, str):
            raise Malformed("INVALID_TEXT", f"/profile/more/{name}", least=0, most=500)
    return {name: value for name, value in (more | texts).items() if value is not None}


def preferred(given: ProfileInput | None) -> dict[str, tuple[str, ...]]:
    """Options by preference."""
    found = _named(given.preferences, "/profile/preferences") if given else {}
    for name, chosen in found.items():
        if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
            raise Malformed("INVALID_PAYLOAD", f"/profile/preferences/{name}", detail=every_language("payload.list"))
    return {name: tuple(chosen) for name, chosen in found.items()}


def changed(key: str, member: Any, occurred_at: datetime, given: ProfileInput | None) -> ProfileChanged:
    """The arrival that changes a profile."""
    return ProfileChanged(key, member, occurred_at, personal(given), preferred(given))


def _named(given: Any, at: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Malformed("INVALID_PAYLOAD", at, detail=every_language("payload.object"))
    return dict(given)
