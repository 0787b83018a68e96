"""How a batch is tried again: each setback makes the next attempt more careful, until there have been enough."""

from dataclasses import dataclass, replace
from typing import Final

from loyalty.book import NeedsMore
from models.errors import Retryable

PATIENCE_MS: Final = 100  # For members, at the first attempt: then the batch goes on without the busy ones.
LOCK_MS: Final = 2_000
RETRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How an attempt goes about it; each setback makes the next one more careful."""

    skip_busy: bool = False
    learn: bool = False  # First the revision that this process has not compiled.
    lock_ms: int = PATIENCE_MS
    tries: int = 0
    counters: frozenset[str] = frozenset()  # To be locked in load: a guard failed, or the fold asked for one.
    more: bool = False  # Numbers, for events that follow from these.
    merged: bool = False  # Accounts that were merged are looked up first: what is theirs is their survivors'.
    orders: frozenset[tuple[str, str]] = frozenset()  # To be locked with the rest: their names are to be forgotten.
    whole: bool = False  # All of the members' past: the fold reached further back than the events had said.


class NotCompiled(Exception):
    """The programme has a revision this process has not compiled yet."""


def more_careful(plan: Plan, setback: NeedsMore | Retryable, *, alone: bool) -> Plan | None:
    """The next attempt after a setback, or None when there has been enough of them."""
    if isinstance(setback, NeedsMore) or setback.what == "guard":
        more = _with_more(plan, setback)
        return more if more != plan else None  # What it had already will not help it.
    if plan.tries >= RETRIES:
        return None
    skip_busy = plan.skip_busy or (setback.what == "lock" and not alone)
    return replace(plan, lock_ms=LOCK_MS, tries=plan.tries + 1, skip_busy=skip_busy)


def _with_more(plan: Plan, setback: NeedsMore | Retryable) -> Plan:
    if isinstance(setback, NeedsMore) and setback.what == "numbers":
        return replace(plan, more=True)
    if isinstance(setback, NeedsMore) and setback.what == "merged":
        return replace(plan, merged=True)
    if isinstance(setback, NeedsMore) and setback.what == "orders":
        return replace(plan, orders=plan.orders | setback.key)
    if isinstance(setback, NeedsMore) and setback.what != "counter":
        return replace(plan, whole=True)
    counter = setback.key if isinstance(setback, NeedsMore) else setback.detail
    return replace(plan, counters=plan.counters | {counter})
