"""A member's card: its number, and the code a till reads from a screen.

The number is the member's own event number, moved within 10^18 by a keyed permutation (a Feistel network of ten rounds
over two halves of nine digits, as in NIST SP 800-38G) with a check digit (Luhn, ISO/IEC 7812-1) behind it. So it is
unique without a table, stays for ever, says nothing, and a guess hits a card as rarely as there are members in 10^18.
The code on a screen is sealed like an opaque id, with the instant until which it is good.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from loyalty.book import IDS_PER_EVENT
from loyalty.house import House
from loyalty.refusals import Malformed, Refused
from loyalty.seals import Secrets

HALF: Final = 10**9
DIGITS: Final = 18  # Without the check digit.
ROUNDS: Final = 10
EVENTS_MAX: Final = 2**51  # Event numbers lie below it: all of them have a number here.
GROUP: Final = 4
NUMBER: Final = re.compile(r"[A-Z]{0,6}[ -]?((?:\d[ -]?){18}\d)", re.ASCII)
KIND: Final = "card"
MERGES_MAX: Final = 10  # Accounts that went into one another, one after the other.


def number_of(secrets: Secrets, programme_id: int, member_id: int) -> str | None:
    """The digits of a member's card; None for what is no person's account."""
    event, rest = divmod(member_id, IDS_PER_EVENT)
    if rest or not 0 < event < EVENTS_MAX:
        return None
    digits = f"{_moved(secrets, programme_id, event, forward=True):0{DIGITS}d}"
    return digits + check_digit(digits)


def shown(prefix: str, digits: str) -> str:
    """A number as it is printed, in groups of four after the letters of its level."""
    groups = [digits[start : start + GROUP] for start in range(0, len(digits), GROUP)]
    return " ".join([prefix, *groups])


def code_of(secrets: Secrets, programme_id: int, member_id: int, until: datetime) -> str:
    """What a screen shows as a QR code: whose card it is, and until when that may be believed."""
    return secrets.seal(KIND, programme_id, member_id, int(until.timestamp()))


def read(secrets: Secrets, programme_id: int, text: str, now: datetime) -> int:
    """The member whose number or code this is. CARD_UNKNOWN for what is neither, CARD_EXPIRED for an old code."""
    if (found := NUMBER.fullmatch(text.strip().upper())) is not None:
        return _by_number(secrets, programme_id, re.sub(r"\D", "", found.group(1)))
    try:
        of_programme, member_id, until = secrets.unseal(KIND, text.strip())
    except Malformed:
        raise Refused("CARD_UNKNOWN") from None
    if of_programme != programme_id:
        raise Refused("CARD_UNKNOWN")
    if datetime.fromtimestamp(until, UTC) <= now:
        raise Refused("CARD_EXPIRED")
    return member_id


async def holder(house: House, programme_id: int, text: str, now: datetime) -> int:
    """The same as a member that is there: of an account that went into another, the other. CARD_UNKNOWN if none is."""
    member_id = read(house.secrets, programme_id, text, now)
    sql = "SELECT status, merged_into FROM members WHERE programme_id = $1 AND id = $2"
    for _ in range(MERGES_MAX):
        rows = await house.db.rows(sql, programme_id, member_id)
        if not rows or rows[0]["status"] == "erased":
            break
        if rows[0]["merged_into"] is None:
            return member_id
        member_id = int(rows[0]["merged_into"])
    raise Refused("CARD_UNKNOWN")


def check_digit(digits: str) -> str:
    """The digit that makes a number pass Luhn: it finds every wrong digit and nearly every pair changed round."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _by_number(secrets: Secrets, programme_id: int, digits: str) -> int:
    if check_digit(digits[:-1]) != digits[-1]:
        raise Refused("CARD_UNKNOWN")
    event = _moved(secrets, programme_id, int(digits[:-1]), forward=False)
    if not 0 < event < EVENTS_MAX:  # Most of what has a good check digit is nobody's.
        raise Refused("CARD_UNKNOWN")
    return event * IDS_PER_EVENT


def _moved(secrets: Secrets, programme_id: int, number: int, *, forward: bool) -> int:
    left, right = divmod(number, HALF)
    mix = _mixer(secrets, programme_id)
    if forward:
        for step in range(ROUNDS):
            left, right = right, (left + mix(step, right)) % HALF
    else:
        for step in reversed(range(ROUNDS)):
            left, right = (right - mix(step, left)) % HALF, left
    return left * HALF + right


def _mixer(secrets: Secrets, programme_id: int) -> Callable[[int, int], int]:
    def mix(step: int, half: int) -> int:
        said = f"{programme_id}/{step}/{half}".encode()
        return int.from_bytes(hmac.digest(secrets.cards, said, hashlib.sha256)[:12], "big") % HALF

    return mix
