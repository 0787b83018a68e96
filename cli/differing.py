"""`loyalty rules diff`: what changes from one folder to another, or from what is published to a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.folders import programmes_in, read_texts
from cli.words import Speech, answer, as_json, say

if TYPE_CHECKING:
    from rules.differences import Difference

SIGNS: Mapping[str, str] = {"added": "+", "removed": "-", "changed": "~"}


def diff(
    first: Annotated[Path, typer.Argument(help=say("help.diff_first"))],
    second: Annotated[Path | None, typer.Argument(help=say("help.diff_second"))] = None,
    programme: Annotated[str, typer.Option("--programme", "-p", help=say("help.programme_of_folder"))] = "",
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Say what changes, document by document; ends with 0 where nothing does, with 1 where something does."""
    from rules.difference_words import told
    from rules.differences import differences

    after = one_folder(second or first)
    before = read_texts(one_folder(first)) if second else published(programme or after.resolve().name)
    one, other = parsed(before), parsed(read_texts(after))
    found = differences(one, other)
    words = told(one, other, found, Speech.lang)
    if json:
        as_json([as_data(each, words[each.path]) for each in found])
    else:
        for each in found:
            show(each, words[each.path])
        count = {kind: sum(each.kind == kind for each in found) for kind in SIGNS}
        typer.echo(say("diffed" if found else "diffed_none", **count), err=True)
    raise typer.Exit(int(bool(found)))


def one_folder(path: Path) -> Path:
    """The folder of one programme."""
    folders = programmes_in(path)
    if folders != [path]:
        raise typer.BadParameter(say("one_programme", folder=path.as_posix()))
    return path


def published(programme: str) -> dict[str, str]:
    """The texts of the newest version, whether it decides already or from a moment to come."""
    from cli.house import naming, opened, run
    from loyalty.rulebook import entries_of, texts_of

    async def work() -> dict[str, str]:
        async with opened() as house:
            with naming("programme_none", programme=programme):
                live = await house.rulebook.programme(house.db, programme)
            entries = await entries_of(house.db, live.programme_id, live.newest.number)
            texts = await texts_of(house.db, live.programme_id, live.newest.number)
            return {path: texts[key] for path, key in entries.items()}

    return run(work())


def parsed(texts: Mapping[str, str]) -> dict[str, Any]:
    """What documents say. Raises Faulty where one is no JSON."""
    from rules.documents import parse
    from rules.faults import Faulty

    read = {path: parse(path, text) for path, text in texts.items()}
    faults = [fault for _, wrong in read.values() for fault in wrong]
    if faults:
        raise Faulty(faults)
    return {path: document for path, (document, _) in read.items()}


def show(found: "Difference", words: list[str]) -> None:
    """One document: how it changes in words, then field by field."""
    answer(f"{SIGNS[found.kind]} {found.path}")
    for line in words:
        answer(f"    {line}")
    for change in found.changes:
        code = f"diff_{change.kind}"
        answer("    " + say(code, pointer=change.pointer, before=change.shown("before"), after=change.shown("after")))


def as_data(found: "Difference", words: list[str]) -> dict[str, Any]:
    """The same for a program: a side is left out where there is nothing on it."""
    sides = {"added": ("after",), "removed": ("before",), "changed": ("before", "after")}
    fields = [
        {"kind": one.kind, "pointer": one.pointer} | {side: getattr(one, side) for side in sides[one.kind]}
        for one in found.changes
    ]
    return {"path": found.path, "kind": found.kind, "words": words, "changes": fields}
