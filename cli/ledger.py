"""`loyalty ledger verify` proves the books; `loyalty explain` says how one entry came about."""

from typing import Annotated

import typer

from cli.words import Speech, answer, as_json, progress, say

app = typer.Typer(help=say("help.ledger"), no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `verify` a command of its own while it is the only one."""


@app.command("verify", help=say("help.verify"))
def verify(
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
    replay: Annotated[bool, typer.Option("--replay/--no-replay", help=say("help.replay"))] = True,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Prove the books of a programme."""
    from cli.house import opened, programme_of, run
    from loyalty import settlements
    from loyalty import verify as proof
    from loyalty.replaying import Replayer

    async def work() -> proof.Report:
        async with opened() as house:
            live = await programme_of(house, programme)
            with progress("verifying") as moved:
                again = Replayer(house) if replay else None
                report = await proof.verify(house.db, live.programme_id, moved, replay=again)
            for partner, month, kept, told in await settlements.faults(house.db, live):
                about = f"{partner} {month.isoformat()[:7]}"
                report.findings.append(proof.Finding("SETTLEMENT_CLOSED", 0, about, str(kept), str(told)))
            return report

    report = run(work())
    figures = {name: getattr(report, name) for name in ("members", "events", "transfers", "laws", "replayed")}
    if json:
        as_json({**figures, "findings": [finding.as_data(Speech.lang) for finding in report.findings]})
    else:
        for finding in report.findings:
            answer(f"{finding.code} {finding.words(Speech.lang)}")
        answer(say("books_hold" if report.sound else "books_do_not_hold", findings=len(report.findings), **figures))
    raise typer.Exit(int(not report.sound))


def explain(
    entry: Annotated[str, typer.Argument(help=say("help.entry"))],
    programme: Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))] = None,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """How an entry came about, in words."""
    from cli.house import naming, opened, programme_of, run
    from loyalty import explaining

    async def work() -> explaining.Explanation:
        async with opened() as house:
            live = await programme_of(house, programme)
            with naming("entry_none", entry=entry):
                return await explaining.explain(house, live, entry, Speech.lang)

    explanation = run(work())
    if json:
        as_json(explanation.data)
    else:
        answer("\n".join(explanation.lines))
