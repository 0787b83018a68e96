"""`loyalty import …`: history from files, through the door that everything goes through."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.words import Speech, answer, as_json, progress, say, tell

OF_PRODUCTS = ("rows", "accepted", "refused", "resumed_at", "already_done", "reasons", "refused_file")
app = typer.Typer(help=say("help.import"), no_args_is_help=True)


@app.command("orders", help=say("help.import_orders"))
def orders(
    file: Annotated[Path, typer.Argument(help=say("help.file"), exists=True, dir_okay=False, readable=True)],
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
    columns: Annotated[str, typer.Option("--map", help=say("help.map"))] = "",
    identity: Annotated[str, typer.Option("--identity", help=say("help.identity"))] = "external",
    shop: Annotated[str, typer.Option("--shop", help=say("help.shop"))] = "main",
    delimiter: Annotated[str, typer.Option("--delimiter", help=say("help.delimiter"))] = ",",
    encoding: Annotated[str, typer.Option("--encoding", help=say("help.encoding"))] = "utf-8-sig",
    refused: Annotated[Path | None, typer.Option("--refused", help=say("help.refused"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("help.dry_run"))] = False,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Bring in the orders of a CSV file, gzipped or not."""
    from cli.house import opened, operator, programme_of, run
    from loyalty import importing
    from loyalty.sheets import Layout, parse_map

    layout = Layout(parse_map(columns), identity, shop, delimiter, encoding)

    async def work() -> importing.Report:
        async with opened() as house:
            live = await programme_of(house, programme)
            caller = operator(live.name)
            if dry_run:
                return await importing.dry_run(house, caller, file, layout)
            with progress("importing") as moved:
                bringing: Awaitable[importing.Report] = importing.import_orders(
                    house, caller, file, layout, lang=Speech.lang, refused_file=refused or beside(file), progress=moved
                )
                return await bringing

    report = run(work())
    if json:
        as_json(figures(report))
    else:
        show(report, dry_run=dry_run)
    raise typer.Exit(int(report.refused > 0))


@app.command("products", help=say("help.import_products"))
def products(
    file: Annotated[Path, typer.Argument(help=say("help.file_products"), exists=True, dir_okay=False, readable=True)],
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
    since: Annotated[str, typer.Option("--since", help=say("help.since"))] = "",
    refused: Annotated[Path | None, typer.Option("--refused", help=say("help.refused"))] = None,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Bring in the products of a CSV or JSON file."""
    from cli.house import opened, operator, programme_of, run
    from loyalty import importing
    from loyalty.products import import_products

    async def work() -> importing.Report:
        async with opened() as house:
            live = await programme_of(house, programme)
            begins = instant(since, live.newest.ruleset.programme.zone)
            told = refused or beside(file)
            with progress("importing") as moved:
                bringing: Awaitable[importing.Report] = import_products(
                    house, operator(live.name), file, lang=Speech.lang, refused_file=told, since=begins, progress=moved
                )
                return await bringing

    report = run(work())
    if json:
        as_json({name: value for name, value in figures(report).items() if name in OF_PRODUCTS})
    else:
        tell_products(report)
    raise typer.Exit(int(report.refused > 0))


def instant(day: str, zone: str) -> datetime | None:
    """The first instant of a day in the programme's zone; None where none is named."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time.min, ZoneInfo(zone)).astimezone(UTC)
    except ValueError:
        raise typer.BadParameter(say("bad_day", day=day)) from None


def tell_products(report: Any) -> None:
    """The report for people."""
    if report.already_done:
        tell("import_done_before")
    elif report.resumed_at:
        tell("import_resumed", orders=report.resumed_at)
    numbers = {name: f"{getattr(report, name):,}" for name in ("rows", "accepted", "refused")}
    answer(say("import_products_ended", **numbers))
    show_refused(report)
    if report.refused_file:
        answer(say("import_refused_file", file=report.refused_file))


def beside(file: Path) -> Path:
    """Where refused rows are written: beside the file, or here if nothing may be written there."""
    from os import W_OK, access

    folder = file.parent if access(file.parent, W_OK) else Path()
    return folder / f"{file.name}.refused.csv"


def figures(report: Any) -> dict[str, Any]:
    """The report for programs."""
    return {
        "rows": report.rows,
        "orders": report.orders,
        "accepted": report.accepted,
        "refused": report.refused,
        "members": report.members,
        "first_at": report.first_at and report.first_at.isoformat(),
        "last_at": report.last_at and report.last_at.isoformat(),
        "resumed_at": report.resumed_at,
        "already_done": report.already_done,
        "reasons": dict(report.reasons),
        "refused_file": report.refused_file and str(report.refused_file),
    }


def show_refused(report: Any) -> None:
    """The first refused rows, with the reason of each."""
    from loyalty.importing import words

    for turned in report.shown:
        answer(say("import_line", line=turned.row, words=words(turned, Speech.lang)))


def show(report: Any, *, dry_run: bool) -> None:
    """The report for people."""
    if report.already_done:
        tell("import_done_before")
    elif report.resumed_at:
        tell("import_resumed", orders=report.resumed_at)
    numbers = {name: f"{getattr(report, name):,}" for name in ("rows", "orders", "accepted", "refused", "members")}
    answer(say("import_counted" if dry_run else "import_ended", **numbers))
    for code, count in report.reasons.most_common():
        answer(f"  {count:>8,}  {code}")
    if dry_run:
        show_refused(report)
    if report.refused_file:
        answer(say("import_refused_file", file=report.refused_file))
