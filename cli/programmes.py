"""`loyalty programme …`: found one, list them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.folders import folder_of, read_texts
from cli.words import answer, as_json, say, table

if TYPE_CHECKING:
    from loyalty.rulebook import Live

app = typer.Typer(help=say("help.programmes"), no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]


@app.command("create", help=say("help.create"))
def create(
    name: Annotated[str, typer.Argument(help=say("help.name"))],
    folder: Annotated[Path | None, typer.Option("--folder", help=say("help.folder"))] = None,
    note: Annotated[str, typer.Option("--note", help=say("help.note"))] = "",
) -> None:
    """Found a programme; its first version decides whatever its history brings."""
    from cli.house import naming, opened, operator, run
    from loyalty.publishing import create_programme

    texts = read_texts(folder or folder_of(name))

    async def work() -> None:
        async with opened() as house:
            with naming("programme_taken", "CONFLICT", programme=name):
                await create_programme(house.db, house.rulebook, operator(name), name, texts, note=note)

    run(work())
    answer(say("created", programme=name, documents=len(texts)))


@app.command("list", help=say("help.list_programmes"))
def list_programmes(json: AsJson = False) -> None:
    """Every programme, with its newest version."""
    from cli.house import opened, run
    from loyalty.rulebook import look

    async def work() -> list["Live"]:
        async with opened() as house:
            await look(house.db, house.rulebook)
            return house.rulebook.all()

    rows = [
        {
            "programme": live.name,
            "version": live.newest.number,
            "revision": live.revision,
            "live_from": live.newest.live_from.isoformat(),
            "paused": sorted(live.paused),
        }
        for live in run(work())
    ]
    if json:
        as_json(rows)
    else:
        table(("programme", "version", "revision"), [tuple(row.values())[:3] for row in rows])
