"""`loyalty benefits …`: what became of each benefit."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.words import answer, as_json, say

if TYPE_CHECKING:
    from loyalty.figures import Figures

COUNTED = ("benefit", "issued", "used", "open", "expired", "revoked")
app = typer.Typer(help=say("help.benefits"), no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `figures` a command of its own while it is the only one."""


@app.command("figures", help=say("help.figures"))
def figures(
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Count every piece there is, and say what became of it."""
    from cli.house import opened, programme_of, run
    from loyalty import thresholds
    from loyalty.figures import figures as counted

    async def work() -> "list[Figures]":
        async with opened() as house:
            live = await programme_of(house, programme)
            (row,) = await house.db.rows(thresholds.now(house.db.dialect))
            return await counted(house.db, live, row["read_at"])

    told = [_told(one) for one in run(work())]
    if json:
        as_json(told)
    else:
        answer("\n".join(_line(one) for one in told) or say("figures_none"))


def _told(one: "Figures") -> dict[str, Any]:
    return {
        "benefit": one.benefit,
        "issued": one.issued,
        "open": one.by_state["issued"] + one.by_state["reserved"],
        "used": one.by_state["used"],
        "expired": one.by_state["expired"],
        "revoked": one.by_state["revoked"],
        "usage_rate": _text(one.usage_rate),
        "promised": one.promised,
        "fulfilled": one.fulfilled,
        "late": one.late,
        "overdue": one.overdue,
        "fulfilment_rate": _text(one.fulfilment_rate),
        "cost": _text(one.cost),
        "stock": one.stock,
        "left": one.left,
        "low": one.low,
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _line(told: dict[str, Any]) -> str:
    line = say(
        "figures_line", **{name: told[name] for name in ("benefit", "issued", "used", "open", "expired", "revoked")}
    )
    if told["promised"]:
        line += say("figures_made", fulfilled=told["fulfilled"], promised=told["promised"], overdue=told["overdue"])
    if told["stock"] is not None:
        line += say("figures_low" if told["low"] else "figures_left", left=told["left"], stock=told["stock"])
    return line + (say("figures_cost", cost=told["cost"]) if told["cost"] is not None else "")
