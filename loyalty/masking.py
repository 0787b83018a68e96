"""How personal values are shown to those who need not know them: enough to recognise, too little to use."""

from collections.abc import Callable, Mapping
from typing import Final

from rules.profiles import Mask

HIDDEN: Final = "***"
PHONE_KEPT: Final = (3, 4)  # Digits at the beginning and at the end: 138****1234.
CARD_KEPT: Final = 4


def masked(mask: Mask, value: str) -> str:
    """A value as staff see it; nothing stays nothing."""
    return MASKS[mask](value) if value else value


def name(value: str) -> str:
    """林** for 林晓雨, L** for Lin Xiaoyu: the first sign and no length."""
    return f"{value[0]}**"


def phone(value: str) -> str:
    """138****1234; a short one is hidden whole."""
    digits = [sign for sign in value if sign.isdigit()]
    first, last = PHONE_KEPT
    if len(digits) < first + last + 4:
        return HIDDEN
    return f"{''.join(digits[:first])}****{''.join(digits[-last:])}"


def email(value: str) -> str:
    """l***@e***.com for lin@example.com."""
    local, at, domain = value.rpartition("@")
    host, dot, ending = domain.rpartition(".")
    if not (at and local and host):
        return HIDDEN
    return f"{local[0]}{HIDDEN}@{host[0]}{HIDDEN}{dot}{ending}"


def hidden(value: str) -> str:
    """Nothing of it: a birthday or an address tells who it is by any part."""
    return HIDDEN


def card(prefix: str, digits: str) -> str:
    """G ****1234."""
    return f"{prefix} ****{digits[-CARD_KEPT:]}"


MASKS: Final[Mapping[Mask, Callable[[str], str]]] = {
    "name": name,
    "phone": phone,
    "email": email,
    "date": hidden,
    "text": hidden,
}
