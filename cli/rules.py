"""`loyalty rules …`: check policies, try them on a member, publish them, stop one at once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import guides
from cli.differing import diff
from cli.folders import folder_of, programmes_folder, programmes_in, read_texts
from cli.places import place
from cli.rehearsing import rehearse
from cli.templates import new
from cli.trying import try_event
from cli.words import Speech, answer, as_json, say

if TYPE_CHECKING:
    from rules.check import Checked
    from rules.faults import Fault
    from rules.lint_desk import Desk

app = typer.Typer(help=say("help.rules"), no_args_is_help=True)

Programme = Annotated[str, typer.Option("--programme", "-p", help=say("help.programme"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]


@dataclass(frozen=True, slots=True)
class Found:
    """A fault where an editor finds it."""

    file: str
    line: int
    column: int
    code: str
    severity: str
    pointer: str
    words: str


@app.command("validate", help=say("help.validate"))
def validate(
    path: Annotated[Path | None, typer.Argument(help=say("help.folder"))] = None,
    json: AsJson = False,
    form: Annotated[str, typer.Option("--format", help=say("help.format"))] = "text",
) -> None:
    """Check documents on disk, without a database."""
    folders = programmes_in(path or programmes_folder())
    found = [fault for folder in folders for fault in faults_in(folder)]
    if json:
        as_json([{name: getattr(fault, name) for name in Found.__slots__} for fault in found])
    else:
        for fault in found:
            answer(FORMS[form](fault))
        errors = sum(fault.severity == "error" for fault in found)
        typer.echo(say("validated", programmes=len(folders), errors=errors, warnings=len(found) - errors), err=True)
    raise typer.Exit(int(any(fault.severity == "error" for fault in found)))


def _as_text(fault: Found) -> str:
    return f"{fault.file}:{fault.line}:{fault.column}: {fault.code} {fault.words}"


def _as_annotation(fault: Found) -> str:
    where = f"file={fault.file},line={fault.line},col={fault.column}"
    return f"::{fault.severity} {where}::{fault.code} {fault.words}"


FORMS = {"text": _as_text, "github": _as_annotation}


def faults_in(folder: Path) -> list[Found]:
    """Everything that is wrong with a programme's folder, and what was probably not meant, with its place."""
    from rules.lint import lint

    texts, checked = looked_at(folder)
    return places_of(folder, texts, [*checked.faults, *lint(checked)])


def looked_at(folder: Path) -> tuple[dict[str, str], "Checked"]:
    """The documents of a folder as they are written, and checked."""
    from rules.check import Checked, check
    from rules.documents import parse

    texts = read_texts(folder)
    parsed = {path: parse(path, text) for path, text in texts.items()}
    faults = [fault for _, wrong in parsed.values() for fault in wrong]
    return texts, Checked(faults) if faults else check({path: document for path, (document, _) in parsed.items()})


def places_of(folder: Path, texts: dict[str, str], faults: "list[Fault]") -> list[Found]:
    """Faults and warnings where an editor finds them."""
    from rules.faults import fault_text

    found = []
    for fault in faults:
        line, column = place(texts.get(fault.path, ""), fault.pointer)
        line, column = int(fault.params.get("line", line)), int(fault.params.get("column", column))
        file = (folder / f"{fault.path}.json").as_posix()
        words = fault_text(fault, Speech.lang)
        found.append(Found(file, line, column, fault.code, fault.severity, fault.pointer, words))
    return sorted(found, key=lambda fault: (fault.file, fault.line, fault.column))


@app.command("lint", help=say("help.lint"))
def lint(path: Annotated[Path | None, typer.Argument(help=say("help.folder"))] = None, json: AsJson = False) -> None:
    """Warn of what was probably not meant, and say how much of an order can come back at most."""
    from rules.lint import desk_of, lint

    warned: list[Found] = []
    for folder in programmes_in(path or programmes_folder()):
        texts, checked = looked_at(folder)
        found = places_of(folder, texts, checked.faults or lint(checked))
        warned += found
        desk = desk_of(checked)
        if not json:
            for fault in found:
                answer(_as_text(fault))
            typer.echo(say("linted", programme=folder.name, warnings=len(found), payout=payout(desk)), err=True)
    if json:
        as_json([{name: getattr(fault, name) for name in Found.__slots__} for fault in warned])
    raise typer.Exit(int(bool(warned)))


def payout(desk: "Desk | None") -> str:
    """The most that an order can return, in words."""
    from rules.lint_desk import percent
    from rules.lint_payout import worst

    if desk is None:
        return ""
    found = worst(desk)
    said = (
        [say("payout", bound=percent(found.share), policies=", ".join(found.policies))]
        if found.share
        else [say("payout_none")]
    )
    if found.unvalued:
        wallets = desk.definitions.programme.wallets
        titles = ", ".join(wallets[name].title.say(Speech.lang) for name in found.unvalued)
        counted = say("payout_counted", bound=percent(found.share), policies=", ".join(found.policies))
        said = [counted] if found.share else []
        said.append(say("payout_unvalued", wallets=titles))
    if found.unbounded:
        said.append(say("payout_unbounded", policies=", ".join(found.unbounded)))
    return " ".join(said)


def warn(folder: Path) -> None:
    """Say on the side what was probably not meant: it forbids nothing, and stays out of the answer."""
    from rules.lint import lint

    texts, checked = looked_at(folder)
    for fault in places_of(folder, texts, lint(checked)):
        typer.echo(_as_text(fault), err=True)


@app.command("fmt", help=say("help.fmt"))
def fmt(
    path: Annotated[Path | None, typer.Argument(help=say("help.folder"))] = None,
    check: Annotated[bool, typer.Option("--check", help=say("help.check"))] = False,
) -> None:
    """Write documents in the house form: fields in order, short things on one line."""
    from rules.documents import parse
    from rules.files import written

    changed = 0
    for folder in programmes_in(path or programmes_folder()):
        for name, text in read_texts(folder).items():
            document, faults = parse(name, text)
            if not faults and (wanted := written(name, document)) != text:
                file = folder / f"{name}.json"
                changed += 1
                answer(file.as_posix())
                if not check:
                    file.write_text(wanted, encoding="utf-8", newline="\n")
    raise typer.Exit(int(check and changed > 0))


app.command("try", help=say("help.try"))(try_event)
app.command("describe", help=say("help.describe"))(guides.describe)
app.command("schema", help=say("help.rules_schema"))(guides.schema)
app.command("rehearse", help=say("help.rehearse"))(rehearse)
app.command("new", help=say("help.new"))(new)
app.command("diff", help=say("help.diff"))(diff)


@app.command("publish", help=say("help.publish"))
def publish(
    folder: Annotated[Path | None, typer.Argument(help=say("help.folder"))] = None,
    programme: Annotated[str, typer.Option("--programme", "-p", help=say("help.programme"))] = "",
    note: Annotated[str, typer.Option("--note", help=say("help.note"))] = "",
    live_from: Annotated[datetime | None, typer.Option("--from", help=say("help.from"))] = None,
    json: AsJson = False,
) -> None:
    """Make the documents of a folder the newest version, in every running process."""
    from cli.house import opened, operator, run
    from loyalty import publishing

    programme = programme or (folder.resolve().name if folder else "demo")
    (where,) = programmes_in(folder) if folder else (folder_of(programme),)
    texts = read_texts(where)
    warn(where)

    async def work() -> dict[str, Any]:
        async with opened() as house:
            newest = (await house.rulebook.programme(house.db, programme)).newest
            at = live_from.replace(tzinfo=newest.ruleset.zone).astimezone(UTC) if live_from else None
            edition = await publishing.publish(
                house.db, house.rulebook, operator(programme), programme, texts, live_from=at, note=note, source="cli"
            )
            return {
                "programme": programme,
                "version": edition.number,
                "live_from": edition.live_from,
                "zone": edition.ruleset.zone,
                "published": edition.number != newest.number,
            }

    done = run(work())
    at, zone = done["live_from"], done.pop("zone")
    if json:
        as_json(done | {"live_from": at.isoformat()})
    else:
        done["live_from"] = f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone}"
        answer(say("published" if done["published"] else "published_before", **done))


@app.command("pause", help=say("help.pause"))
def pause(
    path: Annotated[str, typer.Argument(help=say("help.path"))],
    programme: Programme = "demo",
    note: Annotated[str, typer.Option("--note", help=say("help.note"))] = "",
) -> None:
    """Stop a policy at once."""
    _pause(path, programme, note, stop=True)


@app.command("resume", help=say("help.resume"))
def resume(
    path: Annotated[str, typer.Argument(help=say("help.path"))],
    programme: Programme = "demo",
    note: Annotated[str, typer.Option("--note", help=say("help.note"))] = "",
) -> None:
    """Let a paused policy go on."""
    _pause(path, programme, note, stop=False)


def _pause(path: str, programme: str, note: str, *, stop: bool) -> None:
    from cli.house import naming, opened, operator, programme_of, run
    from loyalty import publishing

    async def work() -> None:
        async with opened() as house:
            caller = operator((await programme_of(house, programme)).name)
            with naming("policy_none", path=path, programme=programme):
                await publishing.pause(house.db, house.rulebook, caller, programme, path, stop=stop, note=note)

    run(work())
    answer(say("paused" if stop else "resumed", path=path))
