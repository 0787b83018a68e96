"""What a programme asks of a person: fields of the profile, days to remember, and preferences out of declared lists.

All of it is personal: sealed apart under the member's own key, found again by month-day or option only where somebody
must be found. What counts, counts for completeness.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from rules.parts import Key, Name, Strict, Text

OPTIONS_MAX = 100
Mask = Literal["name", "phone", "email", "date", "text"]
# What every programme may keep of a person, and how the house shows it to those who need not know it.
BUILT_IN: Final[Mapping[str, Mask]] = {
    "name": "name",
    "birthday": "date",
    "gender": "text",
    "phone": "phone",
    "email": "email",
    "address": "text",
}
BIRTHDAY: Final = "birthday"


class ProfileField(Strict):
    """One field of the profile; `mask` is how it is shown to those who may not read it."""

    title: Text
    counts: bool = True
    mask: Mask = "text"


class Anniversary(Strict):
    """A day of the person's own that the programme remembers every year."""

    title: Text
    counts: bool = False


class Preference(Strict):
    """Something a person likes or needs, out of a list; more than one choice, unless `most` says otherwise."""

    title: Text
    options: Annotated[dict[Key, Text], Field(min_length=1, max_length=OPTIONS_MAX)]
    most: Annotated[int, Field(ge=1, le=OPTIONS_MAX)] | None = None
    counts: bool = False


class Profile(Strict):
    """What is asked. Where nothing is declared any field can be given, and the built-in ones count."""

    fields: Annotated[dict[Name, ProfileField], Field(max_length=30)] = Field(default_factory=dict)
    dates: Annotated[dict[Name, Anniversary], Field(max_length=10)] = Field(default_factory=dict)
    preferences: Annotated[dict[Name, Preference], Field(max_length=20)] = Field(default_factory=dict)


def known(profile: Profile | None) -> frozenset[str]:
    """Every field and day that can be given."""
    return frozenset(BUILT_IN) | (frozenset({*profile.fields, *profile.dates}) if profile else frozenset())


def days(profile: Profile | None) -> frozenset[str]:
    """The names whose values are days."""
    return frozenset({BIRTHDAY, *(profile.dates if profile else ())})


def counted(profile: Profile | None) -> frozenset[str]:
    """The names that make a profile complete once all of them are filled in."""
    if profile is None:
        return frozenset(BUILT_IN)
    parts = (profile.fields, profile.dates, profile.preferences)
    return frozenset(name for part in parts for name, one in part.items() if one.counts)


def options(profile: Profile | None) -> dict[str, Text]:
    """Every option there is, named `preference.option`."""
    asked = profile.preferences if profile else {}
    return {f"{name}.{key}": text for name, one in asked.items() for key, text in one.options.items()}


def mask(profile: Profile | None, name: str) -> Mask:
    """How a value is shown to those who may not read it."""
    if name in days(profile):
        return "date"
    if profile is not None and name in profile.fields:
        return profile.fields[name].mask
    return BUILT_IN.get(name, "text")


def completeness(profile: Profile | None, filled: frozenset[str]) -> int:
    """How complete a profile is, in whole percent, rounded down; 100 where nothing counts."""
    wanted = counted(profile)
    return 100 * len(wanted & filled) // len(wanted) if wanted else 100
