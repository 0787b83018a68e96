"""`loyalty draws …`: all that anybody needs to check a draw, and the check itself, which needs nothing else."""

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.words import answer, as_json, say, tell

app = typer.Typer(help=say("help.draws"), no_args_is_help=True)


@app.command("proof", help=say("help.draws_proof"))
def proof(
    key: Annotated[str, typer.Argument(help=say("help.draw"))],
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
) -> None:
    """Write the proof of a draw that is closed, as JSON."""
    from cli.house import opened, programme_of, run
    from loyalty import closings
    from loyalty.refusals import Refused

    async def work() -> Any:
        async with opened() as house:
            live = await programme_of(house, programme)
            declared = closings.declared(live)
            if key not in declared:
                raise Refused("DRAW_UNKNOWN", name=key, allowed=sorted(declared))
            return await closings.proof(house, live, key, declared[key][0])

    found = run(work())
    if found is None:
        tell("draw_open", draw=key)
        raise typer.Exit(1)
    as_json(found)


@app.command("check", help=say("help.draws_check"))
def check(file: Annotated[Path, typer.Argument(help=say("help.draws_file"), exists=True, dir_okay=False)]) -> None:
    """Compute the outcome of a draw again, from what was published of it."""
    from rules import lots

    try:
        told = json_module.loads(file.read_text(encoding="utf-8"))
        found = lots.faults(told)
    except (KeyError, TypeError, ValueError, ArithmeticError) as wrong:
        tell("draw_unreadable", detail=wrong)
        raise typer.Exit(2) from None
    for code, params in found:
        answer(say(f"draw_{code}", **params))
    if found:
        raise typer.Exit(1)
    won = sum(one["prize"] is not None for one in told["tickets"])
    answer(say("draw_holds", draw=told["draw"], tickets=len(told["tickets"]), won=won))
