"""What became of each benefit, counted from its pieces: issued, used, delivered, and what it cost. Reads only.

A piece costs what its benefit cost in the version that gave it: once it is delivered where somebody has to, else once
it is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from loyalty.benefits import stock
from loyalty.rulebook import Live
from models.database import Database
from rules.benefits import Benefit

PIECES = """
    SELECT benefit, version, state, COUNT(*) AS pieces, COUNT(promised_at) AS promised, COUNT(fulfilled_at) AS made,
        SUM(CASE WHEN fulfilled_at > promised_at THEN 1 ELSE 0 END) AS late,
        SUM(CASE WHEN fulfilled_at IS NULL AND promised_at < $2 THEN 1 ELSE 0 END) AS overdue
    FROM entitlements WHERE programme_id = $1 GROUP BY benefit, version, state
"""
STATES = ("issued", "reserved", "used", "expired", "revoked")
GONE = ("expired", "revoked")  # What is not there any more is promised no more.


@dataclass(slots=True)
class Figures:
    """One benefit's, all pieces together; `cost` in the currency, null where the document says none."""

    benefit: str
    by_state: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    promised: int = 0
    fulfilled: int = 0
    late: int = 0
    overdue: int = 0
    cost: Decimal | None = None
    stock: int | None = None
    left: int | None = None
    low: bool = False

    @property
    def issued(self) -> int:
        """Every piece there has been."""
        return sum(self.by_state.values())

    @property
    def usage_rate(self) -> Decimal | None:
        """Used ÷ issued."""
        return share(self.by_state["used"], self.issued)

    @property
    def fulfilment_rate(self) -> Decimal | None:
        """Delivered ÷ promised; what expired or was taken back undelivered is promised no more."""
        return share(self.fulfilled, self.promised)


def share(part: int, whole: int) -> Decimal | None:
    """A share of one, to four places; null of nothing."""
    return (Decimal(part) / whole).quantize(Decimal("0.0001")) if whole else None


async def figures(db: Database, live: Live, now: datetime) -> list[Figures]:
    """Every benefit's that is declared now or has pieces, by key."""
    ruleset = live.at(now).ruleset
    found = {key: Figures(key, cost=_none_yet(one)) for key, one in ruleset.benefits.items()}
    versions = {edition.number: edition.ruleset.benefits for edition in live.editions}
    for row in await db.rows(PIECES, live.programme_id, now):
        own = found.setdefault(row["benefit"], Figures(row["benefit"]))
        _count(own, row, versions.get(row["version"], {}).get(row["benefit"]))
    sql = 'SELECT name, total, "left" AS remaining FROM counters WHERE programme_id = $1'
    shelves = {row["name"]: row for row in await db.rows(sql, live.programme_id)}
    for key, benefit in ruleset.benefits.items():
        shelf = shelves.get(stock(key))
        if benefit.stock is not None and shelf is not None:
            own, mark = found[key], benefit.supply.low_stock if benefit.supply else None
            own.stock, own.left = int(shelf["total"]), int(shelf["remaining"])
            own.low = mark is not None and own.left <= mark
    return [found[key] for key in sorted(found)]


def _none_yet(benefit: Benefit) -> Decimal | None:
    return Decimal(0) if benefit.cost is not None else None


def _count(own: Figures, row: Mapping[str, Any], benefit: Benefit | None) -> None:
    own.by_state[row["state"]] += int(row["pieces"])
    made = int(row["made"])
    own.promised += made if row["state"] in GONE else int(row["promised"])
    own.fulfilled += made
    own.late += int(row["late"])
    own.overdue += 0 if row["state"] in GONE else int(row["overdue"])
    if benefit is None or benefit.cost is None:
        return
    paid = made if benefit.supply is not None else int(row["pieces"]) if row["state"] == "used" else 0
    own.cost = (own.cost or Decimal(0)) + benefit.cost * paid
