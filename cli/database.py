"""`loyalty db …`: the tables brought to the present, and looked at; `loyalty settings` prints what is in force."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.words import answer, as_json, say, table, tell

app = typer.Typer(help=say("help.db"), no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]
COUNTED = ("members", "events", "orders", "transfers", "lots", "entitlements", "claims", "outbox")


@app.command("upgrade", help=say("help.upgrade"))
def upgrade(json: AsJson = False) -> None:
    """Apply the migrations that are missing."""
    from cli.house import database, run

    async def work() -> list[str]:
        async with database() as db:
            return await db.migrate(lambda name: tell("migrating", name=name))

    applied = run(work())
    if json:
        as_json({"applied": applied})
    else:
        answer(say("migrated", count=len(applied)) if applied else say("migrated_before"))


@app.command("status", help=say("help.status"))
def status(json: AsJson = False) -> None:
    """Which programmes there are, how much is in them, and how their jobs and imports stand."""
    from cli.house import database, run

    async def work() -> dict[str, Any]:
        async with database() as db:
            return {
                "dialect": db.dialect,
                "programmes": await db.rows("SELECT id, name, revision, created_at FROM programmes ORDER BY id"),
                "rows": {name: (await db.rows(f"SELECT COUNT(*) AS n FROM {name}"))[0]["n"] for name in COUNTED},  # noqa: S608
                "jobs": await db.rows("SELECT programme_id, name, due_at, holder, done_at FROM jobs ORDER BY due_at"),
                "imports": await db.rows("SELECT * FROM imports ORDER BY started_at"),
            }

    found = run(work())
    if json:
        as_json(found)
        return
    answer(say("database_is", dialect=found["dialect"]))
    table(
        ("programme", "revision", "since"),
        [(row["name"], row["revision"], row["created_at"]) for row in found["programmes"]],
    )
    table(("table", "rows"), [(name, f"{count:,}") for name, count in found["rows"].items()])
    table(("job", "due", "done"), [(row["name"], row["due_at"], row["done_at"]) for row in found["jobs"]])


@app.command("backup", help=say("help.backup"))
def backup(file: Annotated[Path, typer.Argument(help=say("help.backup_file"))]) -> None:
    """Copy a SQLite database while it is in use."""
    from cli.house import read_settings

    scheme, _, name = read_settings().database_url.partition("://")
    if scheme != "sqlite":
        raise typer.BadParameter(say("backup_sqlite_only"))
    if file.exists():
        raise typer.BadParameter(say("file_exists", file=file))
    with closing(sqlite3.connect(name.partition("?")[0])) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
    answer(say("backed_up", file=file))


def settings(json: AsJson = False) -> None:
    """What is in force; what is secret stays so."""
    from cli.house import read_settings

    values = {name: str(value) for name, value in read_settings().model_dump().items()}
    if json:
        as_json(values)
    else:
        table(("setting", "value"), [(f"LOYALTY_{name.upper()}", value) for name, value in values.items()])
