"""`loyalty tiers …`: what standings go by."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import ladders
from cli.words import Speech, answer, as_json, say

if TYPE_CHECKING:
    from loyalty.rulebook import Live
    from models.thresholds import Threshold

app = typer.Typer(help=say("help.tiers"), no_args_is_help=True)
app.command("preview", help=say("help.tiers_preview"))(ladders.preview)
app.command("change", help=say("help.tiers_change"))(ladders.change)
app.command("revert", help=say("help.tiers_revert"))(ladders.revert)


@app.command("percentiles", help=say("help.percentiles"))
def percentiles(
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Compute every percentile of a programme now, and say where each begins."""
    from cli.house import opened, operator, programme_of, run
    from loyalty import thresholds

    async def work() -> tuple["Live", dict[str, "Threshold"]]:
        async with opened() as house:
            live = await programme_of(house, programme)
            (row,) = await house.db.rows(thresholds.now(house.db.dialect))
            caller = operator(live.name)
            keys = live.at(row["read_at"]).ruleset.programme.percentiles
            return live, {
                key: await thresholds.compute(house.db, live, caller, key, row["read_at"]) for key in sorted(keys)
            }

    live, found = run(work())
    told = [_told(live, key, row) for key, row in found.items()]
    if json:
        as_json(told)
    else:
        answer("\n".join(one["words"] for one in told) or say("percentiles_none"))


def _told(live: "Live", key: str, row: "Threshold") -> dict[str, Any]:
    from rules import exact, words
    from rules.percentiles import variable_of

    definitions = live.at(row.at).ruleset.definitions
    variables = definitions.catalogue.variables
    figure = variables[variables[variable_of(key)].of]
    title = variables[variable_of(key)].label(Speech.lang)
    value = words.value(figure, row.value, definitions, Speech.lang)
    code = "percentile" if row.members else "percentile_empty"
    return {
        "percentile": key,
        "of": figure.name,
        "from": exact.text(row.value, figure.scale) if row.members else None,
        "members": row.members,
        "at": row.at.isoformat(),
        "words": say(code, title=title, value=value, label=figure.label(Speech.lang), members=row.members),
    }
