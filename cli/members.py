"""`loyalty members …`: all that is kept of a member, written out; and a member erased."""

import json as json_text
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.words import answer, say

if TYPE_CHECKING:
    from loyalty.receipts import Receipt

app = typer.Typer(help=say("help.members"), no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="KIND:VALUE", help=say("help.who"))]
Programme = Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))]


@app.command("export", help=say("help.export"))
def export(who: Who, programme: Programme = None) -> None:
    """Write everything as JSON lines, a section and a row each: any amount fits."""
    from cli.house import opened, operator, programme_of, run
    from loyalty import exporting, views
    from loyalty.events import MemberRef

    async def work() -> None:
        async with opened() as house:
            live = await programme_of(house, programme)
            member_id = await views.find(house, live, MemberRef(kind=_kind(who), value=_value(who)))
            await exporting.note(house, operator(live.name), live.programme_id, member_id, None)
            async for section, told in exporting.parts(house, live.programme_id, member_id):
                sys.stdout.write(json_text.dumps({section: told}, ensure_ascii=False) + "\n")

    run(work())


@app.command("erase", help=say("help.erase"))
def erase(
    who: Who,
    note: Annotated[str, typer.Option("--note", help=say("help.erase_note"))] = "",
    programme: Programme = None,
) -> None:
    """Through the one door, like everything that changes a member."""
    from cli.house import opened, operator, programme_of, run
    from loyalty.events import MemberErase, MemberRef
    from loyalty.intake import receive

    async def work() -> "Receipt":
        async with opened() as house:
            live = await programme_of(house, programme)
            key = f"erase:{house.chance(16).hex()}"
            wish = MemberErase(key, MemberRef(kind=_kind(who), value=_value(who)), note)
            return (await receive(house, operator(live.name), [wish]))[0]

    receipt = run(work())
    if receipt.state != "accepted":
        from loyalty.refusals import Refused

        raise Refused(receipt.code or "NOT_FOUND", **receipt.params)
    answer(say("erased"))


def _kind(who: str) -> str:
    return who.partition(":")[0]


def _value(who: str) -> str:
    return who.partition(":")[2]
