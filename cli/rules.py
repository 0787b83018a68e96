"""`loyalty rules …`: check policies, try them on a member, publish them, stop one at once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.folders import folder_of, programmes_folder, programmes_in, read_texts
from cli.places import place
from cli.trying import try_event
from cli.words import Speech, answer, as_json, say

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
    """Everything that is wrong with a programme's folder, with its place in the files."""
    from rules.check import check_folder, fault_text
    from rules.documents import parse

    texts = read_texts(folder)
    parsed = {path: parse(path, text) for path, text in texts.items()}
    faults = [fault for _, wrong in parsed.values() for fault in wrong]
    if not faults:
        faults = check_folder({path: document for path, (document, _) in parsed.items()})
    found = []
    for fault in faults:
        line, column = place(texts.get(fault.path, ""), fault.pointer)
        line, column = int(fault.params.get("line", line)), int(fault.params.get("column", column))
        file = (folder / f"{fault.path}.json").as_posix()
        words = fault_text(fault, Speech.lang)
        found.append(Found(file, line, column, fault.code, fault.severity, fault.pointer, words))
    return sorted(found, key=lambda fault: (fault.file, fault.line, fault.column))


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
