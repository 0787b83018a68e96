"""Personal values, sealed under a key of each member's own: when the row is gone, nobody can read them again."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from loyalty.refusals import Malformed
from loyalty.seals import Secrets
from models.codec import canonical, parse
from models.members import Personal

KEY_BYTES = 64


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of itself: values by name (empty: taken away), and the options of each preference."""

    profile: Mapping[str, str]
    preferences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whose:
    """The member a value is sealed for: a value copied to another member's row cannot be read there."""

    programme_id: int
    member_id: int


def seal(secrets: Secrets, whose: Whose, old: Personal | None, said: Said, fresh_key: bytes) -> Personal:
    """The member's personal row with this added; an empty value takes one away."""
    known = unseal(secrets, old) if old else {}
    values = {name: value for name, value in (known | dict(said.profile)).items() if value}
    chosen = _chosen(old, said.preferences)
    key = _unwrap(secrets, old) if old else fresh_key
    return Personal(
        programme_id=whose.programme_id,
        member_id=whose.member_id,
        id=whose.member_id,
        key=_text(AESSIV(secrets.personal).encrypt(key, _about(whose))),
        sealed=_text(AESSIV(key).encrypt(canonical(values).encode(), _about(whose))),
        birthday_md=_month_day(values.get("birthday")),
        birth_year=_year(values.get("birthday")),
        preferences=canonical(chosen) if chosen else None,
        filled=canonical(sorted({*values, *(option.partition(".")[0] for option in chosen)})),
    )


def taken_over(
    secrets: Secrets, whose: Whose, old: Personal | None, other: Personal | None, fresh_key: bytes
) -> Personal:
    """The member's personal row with what another account of the same person knew besides."""
    known, theirs = unseal(secrets, old) if old else {}, unseal(secrets, other) if other else {}
    chosen: dict[str, tuple[str, ...]] = {}
    own = {option.partition(".")[0] for option in _chosen(old, {})}
    for option in _chosen(other, {}):
        name, _, value = option.partition(".")
        if name not in own:
            chosen[name] = (*chosen.get(name, ()), value)
    return seal(secrets, whose, old, Said(theirs | known, chosen), fresh_key)


def unseal(secrets: Secrets, row: Personal) -> dict[str, str]:
    """The member's personal values."""
    whose = Whose(row.programme_id, row.member_id)
    values: dict[str, str] = parse(AESSIV(_unwrap(secrets, row)).decrypt(_bytes(row.sealed), _about(whose)))
    return values


def filled(secrets: Secrets, row: Personal) -> frozenset[str]:
    """Which names have a value: of rows from before that was kept beside them, looked up."""
    return frozenset(parse(row.filled) if row.filled is not None else unseal(secrets, row))


def _chosen(old: Personal | None, given: Mapping[str, tuple[str, ...]]) -> list[str]:
    """All options chosen by now, as `preference.option`; of each preference that is spoken of, what is said now."""
    before: list[str] = parse(old.preferences) if old is not None and old.preferences is not None else []
    kept = [option for option in before if option.partition(".")[0] not in given]
    return sorted({*kept, *(f"{name}.{option}" for name, options in given.items() for option in options)})


def _unwrap(secrets: Secrets, row: Personal) -> bytes:
    return AESSIV(secrets.personal).decrypt(_bytes(row.key), _about(Whose(row.programme_id, row.member_id)))


def _month_day(birthday: str | None) -> int | None:
    if not birthday:
        return None
    try:
        day = date.fromisoformat(birthday)
    except ValueError:
        raise Malformed("INVALID_DATE", field="/profile/birthday") from None
    return day.month * 100 + day.day


def _year(birthday: str | None) -> int | None:
    return date.fromisoformat(birthday).year if birthday else None


def _about(whose: Whose) -> list[bytes]:
    return [f"{whose.programme_id}/{whose.member_id}".encode()]


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
