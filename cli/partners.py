"""`loyalty partners …`: who shares the programme, and what is owed for a month."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.words import as_json, say, table

if TYPE_CHECKING:
    from loyalty.settlements import Line, Statement

app = typer.Typer(help=say("help.partners"), no_args_is_help=True)
Programme = Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]
COLUMNS = ("kind", "benefit", "rate", "count", "quantity", "amount", "currency")
OF_LINE = ("recorded_at", "kind", "benefit", "reference", "quantity", "rate", "amount", "currency", "reason")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@app.command("list", help=say("help.partners_list"))
def list_partners(programme: Programme = None, json: AsJson = False) -> None:
    """The partners of a programme, with their shops and rates."""
    from cli.house import opened, programme_of, run

    async def work() -> list[dict[str, Any]]:
        async with opened() as house:
            ruleset = (await programme_of(house, programme)).newest.ruleset
            return [
                {
                    "partner": key,
                    "shops": ", ".join(one.shops),
                    "earned": one.settles.earned,
                    "burnt": one.settles.burnt,
                }
                for key, one in sorted(ruleset.partners.items())
            ]

    rows = run(work())
    if json:
        as_json(rows)
    else:
        table(("partner", "shops", "earned", "burnt"), [tuple(row.values()) for row in rows])


@app.command("statement", help=say("help.partners_statement"))
def statement(
    partner: Annotated[str, typer.Argument(help=say("help.partner"))],
    month: Annotated[str, typer.Option("--month", help=say("help.month"))],
    lines: Annotated[bool, typer.Option("--lines", help=say("help.statement_lines"))] = False,
    programme: Programme = None,
) -> None:
    """A month of a partner as CSV: its sums, or every line."""
    from datetime import UTC, datetime

    from cli.house import opened, programme_of, run
    from loyalty import settlements
    from loyalty.refusals import Refused

    async def work() -> "tuple[Statement, list[Line]]":
        async with opened() as house:
            live = await programme_of(house, programme)
            known = settlements.partners_of(live)
            if partner not in known:
                said = say("partner_unknown", partner=partner, allowed=", ".join(known) or "–")
                raise typer.BadParameter(said, param_hint="partner")
            try:
                read, now = settlements.read_month(month), datetime.now(UTC)
                found = await settlements.statement(house.db, live, partner, read, now)
            except Refused as refused:
                raise typer.BadParameter(say("month_wrong", month=month), param_hint="--month") from refused
            span = (found.starts_at, found.ends_at)
            return found, await settlements.between(house.db, live, partner, span) if lines else []

    found, every = run(work())
    write(found, every, by_line=lines)


def write(found: "Statement", lines: "list[Line]", *, by_line: bool) -> None:
    """The rows, every cell quoted; text that a spreadsheet would take for a formula is made text."""
    out = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL, lineterminator="\n")
    if by_line:
        out.writerow(OF_LINE)
        for line in lines:
            row = (line.recorded_at.isoformat(), line.kind, line.benefit, line.reference)
            money = (line.quantity, line.rate, line.amount, found.currency, line.reason)
            out.writerow([cell(value) for value in (*row, *money)])
        return
    out.writerow(COLUMNS)
    for one in found.sums:
        numbers = (one.rate, one.pieces, one.quantity, one.amount)
        out.writerow([cell(value) for value in (one.kind, one.benefit, *numbers, found.currency)])
    state = "closed" if found.closed_at else "open"
    out.writerow([cell(value) for value in ("balance", state, None, None, None, found.balance, found.currency)])


def cell(value: object) -> str:
    """A value as a cell: nothing is empty, a number is itself, and no text begins a formula."""
    if not isinstance(value, str):
        return "" if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return f"'{value}" if value.startswith(FORMULAS) else value
