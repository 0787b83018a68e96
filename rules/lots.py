"""Drawing lots so that anybody can check them: what becomes of a ticket follows from the seed and its number alone.

The seed is 64 hexadecimal digits; what is published of it before the first ticket is the SHA-256 of its 32 bytes. The
lot of a ticket is HMAC-SHA256 (RFC 2104) of `<draw>/<ticket>` under them. A draw that tells at once divides the lot by
a million and looks where the rest falls among the odds; one that tells at the close puts all tickets in order of their
lots, and the prizes go down that list.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

PARTS: Final = 1_000_000  # Odds are told to the millionth.


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it is published: its number, whose it is (by a tag of this draw alone), and what it won."""

    number: str
    entrant: str
    prize: str | None = None


def commitment(seed: str) -> str:
    """What is published of a seed before the first ticket."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def lot(seed: str, draw: str, ticket: str) -> str:
    """The lot of a ticket, 64 hexadecimal digits."""
    return hmac.digest(bytes.fromhex(seed), f"{draw}/{ticket}".encode(), "sha256").hex()


def at_once(seed: str, draw: str, ticket: str, odds: Sequence[tuple[str, Decimal]]) -> str | None:
    """The prize a lot falls on by the odds, in their order; None for the rest."""
    place, end = int(lot(seed, draw, ticket), 16) % PARTS, 0
    for prize, share in odds:
        end += int(share * PARTS)
        if place < end:
            return prize
    return None


def at_close(
    seed: str, draw: str, tickets: Iterable[Ticket], prizes: Sequence[tuple[str, int]], wins: int
) -> dict[str, str]:
    """Ticket → prize: down the list of lots, the first prizes first; nobody wins more often than `wins`."""
    ranked = sorted(tickets, key=lambda one: (lot(seed, draw, one.number), one.number))
    pieces = [prize for prize, count in prizes for _ in range(count)]
    had: dict[str, int] = {}
    won: dict[str, str] = {}
    for one in ranked:
        if len(won) == len(pieces):
            break
        if had.get(one.entrant, 0) < wins:
            won[one.number] = pieces[len(won)]
            had[one.entrant] = had.get(one.entrant, 0) + 1
    return won


def faults(proof: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What does not hold of a draw as it is published; empty where all of it does. KeyError where a part is missing.

    A ticket that is left out of the list and of the count, and would have won nothing, only its holder can miss.
    """
    draw, seed, wins = str(proof["draw"]), str(proof["seed"]), int(proof["wins_per_member"])
    tickets = [Ticket(one["number"], one["entrant"], one["prize"]) for one in proof["tickets"]]
    found: list[tuple[str, dict[str, Any]]] = []
    if commitment(seed) != proof["commitment"]:
        found.append(("commitment", {"expected": commitment(seed), "found": proof["commitment"]}))
    if len(tickets) != proof["count"]:
        found.append(("count", {"count": proof["count"], "found": len(tickets)}))
    numbers = Counter(one.number for one in tickets)
    found += [("twice", {"ticket": one}) for one, times in sorted(numbers.items()) if times > 1]
    prizes = [(str(one["benefit"]), int(one["count"])) for one in proof["prizes"]]
    given = Counter(one.prize for one in tickets)
    for prize, count in prizes:
        if given[prize] > count:
            found.append(("stock", {"prize": prize, "count": count, "found": given[prize]}))
    if proof["kind"] == "at_close":
        right = at_close(seed, draw, tickets, prizes, wins)
        found += [_wrong(one, right.get(one.number)) for one in tickets if one.prize != right.get(one.number)]
    else:
        odds = [(str(one["benefit"]), Decimal(str(one["odds"]))) for one in proof["prizes"]]
        found += _instant(seed, draw, tickets, odds, dict(prizes), wins)
    return found


def _instant(
    seed: str,
    draw: str,
    tickets: Sequence[Ticket],
    odds: Sequence[tuple[str, Decimal]],
    stock: Mapping[str, int],
    wins: int,
) -> Iterable[tuple[str, dict[str, Any]]]:
    """A lot that falls on a prize wins it, unless all of it is gone or its holder has won often enough."""
    given = Counter(one.prize for one in tickets)
    had = Counter(one.entrant for one in tickets if one.prize is not None)
    for one in tickets:
        right = at_once(seed, draw, one.number, odds)
        excused = right is not None and (given[right] >= stock[right] or had[one.entrant] >= wins)
        if one.prize != right and (one.prize is not None or not excused):
            yield _wrong(one, right)


def _wrong(one: Ticket, right: str | None) -> tuple[str, dict[str, Any]]:
    return "outcome", {"ticket": one.number, "expected": right or "–", "found": one.prize or "–"}
