"""What a person says of itself, on the book: sealed values, the options and month-days to find it by, and completeness.

The fold never sees a value: the door hands in what seals them, and says which fields are filled afterwards. In replay
the person may be gone; whether a profile became complete is read from the receipt.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from loyalty import days
from loyalty.events import MemberEnrolled, ProfileChanged, ProfileCompleted, Profiled
from loyalty.refusals import Malformed
from loyalty.shapes import day as must_be_day
from loyalty.turn import Turn
from models.codec import parse
from models.members import MemberDate, Personal
from models.table import changed
from rules import profiles
from rules.programme import Programme

PROFILED: Final = (MemberEnrolled, ProfileCompleted, ProfileChanged)
COMPLETED: Final = "profile.completed"


def check_profile(programme: Programme, arrival: MemberEnrolled | Profiled) -> None:
    """Raise Malformed for the first field, day, preference or option that is not as declared."""
    own = programme.profile
    for name, value in sorted(arrival.profile.items()):
        if own is not None:  # Who declares no profile takes any field.
            _among("PROFILE_FIELD_UNKNOWN", f"/profile/{name}", name, profiles.known(own))
        if value and name in profiles.days(own):
            must_be_day(value, f"/profile/{name}")
    declared = own.preferences if own else {}
    for name, chosen in sorted(arrival.preferences.items()):
        at = f"/preferences/{name}"
        _among("PREFERENCE_UNKNOWN", at, name, declared)
        for index, option in enumerate(chosen):
            _among("PREFERENCE_UNKNOWN", f"{at}/{index}", option, declared[name].options)
        most = declared[name].most or len(declared[name].options)
        if len(set(chosen)) > most:
            raise Malformed("TOO_MANY", at, most=most)


def keep(turn: Turn, arrival: MemberEnrolled | Profiled, seal: Any, *, completes: bool | None) -> bool:
    """Seal what was given; whether that completes the profile for the first time. `completes` says so in replay."""
    if seal is not None:
        row: Personal = turn.book.put(seal(turn.book.get(Personal, turn.member_id)))
        completes = profiles.completeness(turn.programme.profile, filled(row)) == 100
    remember(turn, arrival.profile)
    asked = turn.programme.profile is not None or not isinstance(arrival, MemberEnrolled)
    if not completes or not asked or turn.member.profile_complete:
        return False  # Who registers where no profile is declared has not been asked for one yet.
    turn.book.put(changed(turn.member, profile_complete=True))
    turn.notes["profile_completed"] = True
    days.happened(turn, turn.day(turn.instant), COMPLETED)
    return True


def filled(row: Personal | None) -> frozenset[str]:
    """Which fields, days and preferences have a value."""
    return frozenset(parse(row.filled)) if row is not None and row.filled is not None else frozenset()


def preferred(turn: Turn) -> tuple[str, ...]:
    """The options a member has chosen, as `preference.option`."""
    row = turn.book.get(Personal, turn.member_id)
    return tuple(parse(row.preferences)) if row is not None and row.preferences is not None else ()


def remember(turn: Turn, given: Mapping[str, str]) -> None:
    """Month-days of the days that come round, for finding whose it is; nothing where one was taken away."""
    own = turn.programme.profile
    for name in sorted(given.keys() & (own.dates.keys() if own else ())):
        there = turn.book.get(MemberDate, turn.member_id, name)
        at = date.fromisoformat(given[name]) if given[name] else None
        month_day = at.month * 100 + at.day if at else None
        if there is not None:
            turn.book.put(changed(there, month_day=month_day))
        elif month_day is not None:
            number = turn.book.new_id(MemberDate)
            turn.book.put(MemberDate(turn.book.programme_id, turn.member_id, number, name, month_day))


def _among(code: str, field: str, name: str, allowed: Any) -> None:
    if name not in allowed:
        raise Malformed(code, field=field, name=name, allowed=sorted(allowed))
