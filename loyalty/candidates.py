"""Whom a review may move: asked of the database, so that the fold need look at nobody else.

A ladder's conditions become SQL in three values: true, false, and not known here. Whoever is not surely left where they
stand is a candidate; so nobody is missed, and the fold alone decides. What SQL cannot tell of a condition (a streak, a
tag, a window of one's own) makes candidates of those for whom it matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from loyalty import metrics
from loyalty.rulebook import Live
from models.sql import Dialect, any_of
from models.thresholds import Threshold
from rules import calendar, metric_windows
from rules.conditions import All, Condition, Leaf, Not, Some
from rules.facts import Variable
from rules.metrics import Metric
from rules.percentiles import PREFIX
from rules.ruleset import Ruleset

PAGE: Final = 10_000  # Standings that one statement looks through.
UNKNOWN: Final = "CAST(NULL AS BOOLEAN)"
COMPARED: Final[Mapping[str, str]] = {
    "equal_to": "=",
    "not_equal_to": "<>",
    "greater_than": ">",
    "greater_than_or_equal_to": ">=",
    "less_than": "<",
    "less_than_or_equal_to": "<=",
}
NAMED: Final[Mapping[Dialect, str]] = {
    "sqlite": "COALESCE((SELECT value FROM json_each(d.{column}) WHERE key = ${number}), 0)",
    "postgres": "COALESCE(CAST(CAST(d.{column} AS json) ->> CAST(${number} AS text) AS bigint), 0)",
}
# One member after another, by the key of the days: a plan that joined them all would read everybody's for every page.
# On PostgreSQL the count keeps a row for whoever has no such days, also where no figure is asked for.
SUMMED: Final[Mapping[Dialect, str]] = {
    "sqlite": """
        SELECT p.member_id{figures} FROM page p LEFT JOIN member_days d
            ON d.programme_id = $1 AND d.member_id = p.member_id AND d.id BETWEEN {first} AND {last}
        GROUP BY p.member_id""",
    "postgres": """
        SELECT p.member_id, own.* FROM page p CROSS JOIN LATERAL (
            SELECT COUNT(*) AS days{figures} FROM member_days d
            WHERE d.programme_id = $1 AND d.member_id = p.member_id AND d.id BETWEEN {first} AND {last}
        ) own""",
}
LOOK: Final = """
    WITH page AS MATERIALIZED (
        SELECT s.member_id, s.tier, s.ends_at IS NOT NULL AS valid, COALESCE(s.protected_at > $4, FALSE) AS safe,
            m.orders AS orders{balances}
        FROM standings s JOIN members m ON m.programme_id = s.programme_id AND m.id = s.member_id
        WHERE s.programme_id = $1 AND s.ladder = $2 AND NOT {passed_over} AND s.since <= $4 AND s.member_id > $5
            AND {wanted} AND m.status NOT IN ('merged', 'erased')
        ORDER BY s.member_id LIMIT {page}
    ), figures AS MATERIALIZED (
        {summed}
    ), looked AS MATERIALIZED (
        SELECT p.member_id, p.tier, ({moves}) IS NOT FALSE AS moves
        FROM page p JOIN figures f ON f.member_id = p.member_id
    )
    SELECT member_id, tier, moves FROM looked
    WHERE moves OR member_id = (SELECT MAX(member_id) FROM page) ORDER BY member_id
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One statement: who, of the next page of standings after $5, may be moved; its last row is the page's end."""

    sql: str
    ladder: str
    passed_over: list[str]
    at: datetime
    more: tuple[Any, ...]

    def args(self, programme_id: int, last: int) -> tuple[Any, ...]:
        """Its arguments, after a member."""
        return (programme_id, self.ladder, self.passed_over, self.at, last, *self.more)


def question(
    live: Live,
    ladder: str,
    at: datetime,
    dialect: Dialect,
    shares: Sequence[Threshold],
    *,
    page: int = PAGE,
    changes: bool = False,
) -> Question:
    """Who may be moved by a review of a ladder as of an instant; or, as it changes, by standing where it says."""
    ruleset = live.at(at).ruleset
    sheet = Sheet(live, ruleset, at, dialect, tuple(shares))
    moves = _moves(sheet, ladder, changes=changes)
    balances = "".join(f", {sql} AS {name}" for name, sql in sheet.balances.items())
    figures = "".join(f", {sql} AS {name}" for name, sql in sheet.figures.items())
    today = sheet.today.toordinal()
    summed = SUMMED[dialect].format(figures=figures, first=min(sheet.firsts, default=today), last=today)
    passed_over = any_of(dialect, "s.tier", 3)
    wanted = "TRUE" if changes else "(s.reviewed_at IS NULL OR s.reviewed_at < $4)"
    sql = LOOK.format(balances=balances, passed_over=passed_over, page=page, wanted=wanted, summed=summed, moves=moves)
    return Question(sql, ladder, [] if changes else own_reviews(ruleset, ladder), at, tuple(sheet.args))


def own_reviews(ruleset: Ruleset, ladder: str) -> list[str]:
    """The levels that everybody's review passes over: those with a review of their own."""
    declared = ruleset.ladders.get(ladder)
    levels = enumerate(declared.levels) if declared is not None else ()
    return [level.key for rank, level in levels if declared is not None and declared.own_review_of(rank) is not None]


def _moves(sheet: "Sheet", ladder: str, *, changes: bool) -> str:
    """Whether a review does anything to a standing, by its level; of a level that is no more nothing is known."""
    ruleset = sheet.ruleset
    standard = ruleset.definitions.standards.get(ladder)
    if standard is None:
        return "FALSE"
    if "tier.reviewed" in ruleset.kinds and not changes:  # A policy follows it, whatever comes of it.
        return "TRUE"
    cases, reach = [], [sheet.said(condition) for condition in standard.reach]
    falls = "FALSE" if standard.ladder.demotion is None else sheet.said(standard.demotion)
    falls = "TRUE" if changes else falls
    for rank, level in enumerate(standard.ladder.levels):
        rises = _some(reach[rank + 1 :])
        down = (
            "FALSE"
            if rank == 0
            else _every(["NOT p.valid", "NOT p.safe", falls, f"NOT {sheet.said(standard.keep[rank])}"])
        )
        cases.append(f"WHEN ${sheet.arg(level.key)} THEN {_some([rises, down])}")
    return f"CASE p.tier {' '.join(cases)} ELSE TRUE END"


@dataclass(slots=True)
class Sheet:
    """What conditions become: figures to be read of members' days and wallets, and questions about them."""

    live: Live
    ruleset: Ruleset
    at: datetime
    dialect: Dialect
    shares: tuple[Threshold, ...]
    figures: dict[str, str] = field(default_factory=dict)
    balances: dict[str, str] = field(default_factory=dict)
    args: list[Any] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    known: dict[str, str | None] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business date it is asked on."""
        return calendar.business_date(self.at, self.ruleset.zone)

    def arg(self, value: Any) -> int:
        """Hand in a value; the number it has."""
        if value not in self.args:
            self.args.append(value)
        return self.args.index(value) + 6

    def said(self, condition: Condition | None) -> str:
        """A condition in SQL, of the page `p` and its figures `f`."""
        match condition:
            case None:
                return "TRUE"
            case Leaf():
                return self._leaf(condition)
            case All(parts):
                return _every([self.said(part) for part in parts])
            case Some(parts):
                return _some([self.said(part) for part in parts])
            case Not(part):
                return f"(NOT {self.said(part)})"
        return UNKNOWN

    def _leaf(self, leaf: Leaf) -> str:
        name, operator, value = leaf.variable.name, leaf.operator.name, leaf.value
        if name.startswith(PREFIX) and leaf.variable.of and operator in ("is_true", "is_false"):
            return self._among_the_best(leaf.variable, operator)
        figure = self.figure(name)
        if figure is None:
            return UNKNOWN
        if operator == "between" and all(_whole(one) for one in value):
            return f"({figure} BETWEEN {int(value[0])} AND {int(value[1])})"
        if operator not in COMPARED or not _whole(value):
            return UNKNOWN
        return f"({figure} {COMPARED[operator]} {int(value)})"

    def _among_the_best(self, variable: Variable, operator: str) -> str:
        figure = self.figure(variable.of or "")
        before = (row for row in self.shares if row.name == variable.threshold and row.at <= self.at)
        found = max(before, key=lambda row: (row.at, row.position), default=None)
        wanted = operator == "is_true"
        if found is None or not found.members:
            return "FALSE" if wanted else "TRUE"
        return UNKNOWN if figure is None else f"({figure} {'>=' if wanted else '<'} {found.value})"

    def figure(self, name: str) -> str | None:
        """A figure in SQL; None where it is not known here."""
        if name not in self.known:
            self.known[name] = self._figure(name)
        return self.known[name]

    def _figure(self, name: str) -> str | None:
        if name == "orders_count":
            return "p.orders"
        if name == "days_since_order":
            return self._days_since_order()
        if (declared := self.ruleset.programme.metrics.get(name)) is not None:
            return self._metric(declared)
        wallet = next((key for key in self.ruleset.programme.wallets if name == f"balance_{key}"), None)
        return None if wallet is None else self._balance(wallet)

    def _days_since_order(self) -> str:
        """As the fold counts them; who never bought has been here for so long, which is not known here."""
        today = self.today.toordinal()
        self.firsts.append(today - metrics.LOOK_BACK_DAYS)
        within = f"d.orders > 0 AND d.id BETWEEN {self.firsts[-1]} AND {today}"
        last = self._kept(f"MAX(CASE WHEN {within} THEN d.id END)")
        long_ago = f"WHEN p.orders > 0 THEN {metrics.LOOK_BACK_DAYS + 1}"
        return f"CASE WHEN {last} IS NOT NULL THEN {today} - {last} {long_ago} END"

    def _metric(self, declared: Metric) -> str | None:
        column = self._column(declared)
        closing = calendar.is_day_start(self.at, self.ruleset.zone)
        days = metric_windows.days_of(declared, self.today, closing=closing) if column is not None else None
        if days is None:
            return None
        first, last = (day.toordinal() for day in days)
        self.firsts.append(first)
        return self._kept(f"COALESCE(SUM(CASE WHEN d.id BETWEEN {first} AND {last} THEN {column} END), 0)")

    def _column(self, declared: Metric) -> str | None:
        """What is summed up of a day; None where days do not know it, or where it is no sum."""
        form = (declared.form, declared.measure)
        if not declared.by_days or form not in SUMS:
            return None
        if declared.type is not None:
            return NAMED[self.dialect].format(column="events", number=self.arg(declared.type))
        if form != ("sum", "earned"):
            return SUMS[form]
        wallet = declared.wallet or self.ruleset.programme.main_wallet
        if all(edition.ruleset.programme.main_wallet == wallet for edition in self.live.editions):
            return SUMS[form]
        return NAMED[self.dialect].format(column="earned", number=self.arg(wallet))

    def _balance(self, wallet: str) -> str:
        name = f"b{len(self.balances)}"
        own = f"w.programme_id = s.programme_id AND w.member_id = s.member_id AND w.wallet = ${self.arg(wallet)}"
        self.balances[name] = f"COALESCE((SELECT w.available - w.owed FROM wallets w WHERE {own}), 0)"
        return f"p.{name}"

    def _kept(self, sql: str) -> str:
        """The name of a figure, which is read once however often it is asked for."""
        there = next((name for name, own in self.figures.items() if own == sql), None)
        name = there or f"f{len(self.figures)}"
        self.figures[name] = sql
        return f"f.{name}"


SUMS: Final[Mapping[tuple[str, str], str]] = {
    ("count", "orders"): "d.orders",
    ("count", "events"): "",
    ("sum", "spend"): "d.spend",
    ("sum", "earned"): "d.points",
}


def _whole(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)


def _every(parts: Sequence[str]) -> str:
    return f"({' AND '.join(parts)})" if parts else "TRUE"


def _some(parts: Sequence[str]) -> str:
    return f"({' OR '.join(parts)})" if parts else "FALSE"
