"""`loyalty rules rehearse`: play the stories of a programme through the real intake, on a database of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.folders import programmes_folder, programmes_in, read_texts
from cli.words import Speech, answer, as_json, progress, say

if TYPE_CHECKING:
    from loyalty.rehearsing import Miss
    from rules.stories import Story

SHOWN_MAX = 20  # Differences of one story that are printed.


def rehearse(
    path: Annotated[Path | None, typer.Argument(help=say("help.folder"))] = None,
    only: Annotated[str, typer.Option("--story", help=say("help.story"))] = "",
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Play stories; exits with 1 if one is not true."""
    from cli.house import run

    folders = programmes_in(path or programmes_folder())
    for folder in folders:
        must_be_sound(folder)
    told = [(folder, story) for folder in folders for story in stories_in(folder) if only in ("", story.id)]
    with tempfile.TemporaryDirectory() as scratch, progress("rehearsing") as moved:
        found = run(play_all(told, Path(scratch), moved))
    if json:
        as_json([as_data(folder, story, misses) for (folder, story), misses in zip(told, found, strict=True)])
    else:
        for (folder, story), misses in zip(told, found, strict=True):
            answer(line(folder, story, misses))
            for miss in misses[:SHOWN_MAX]:
                answer(f"    {words(miss)}")
        typer.echo(say("rehearsed", stories=len(told), untrue=sum(map(bool, found))), err=True)
    raise typer.Exit(int(any(found)))


def must_be_sound(folder: Path) -> None:
    """Documents with faults are not played: `validate` says what is wrong."""
    from rules.check import check_folder
    from rules.files import documents

    if any(fault.severity == "error" for fault in check_folder(documents(folder))):
        raise typer.BadParameter(say("rehearse_faulty", folder=folder.as_posix()))


def stories_in(folder: Path) -> "Iterator[Story]":
    """The stories of a folder, file by file."""
    from rules.stories import Stories

    for file in sorted(folder.glob("stories/*.json")):
        yield from Stories.model_validate_json(file.read_text(encoding="utf-8")).stories


async def play_all(told: "list[tuple[Path, Story]]", scratch: Path, moved: Any) -> "list[list[Miss]]":
    """Play each in an empty database: a copy of one that has been migrated."""
    from models.database import Database

    template = scratch / "template.db"
    database = await Database.open(f"sqlite://{template}")
    await database.migrate()
    await database.close()
    found = []
    for number, (folder, story) in enumerate(told):
        found.append(await play(folder, story, template, scratch / f"{number}.db"))
        moved(number + 1, len(told))
    return found


async def play(folder: Path, story: "Story", template: Path, file: Path) -> "list[Miss]":
    """Play one story, with the worker as its clock."""
    from cli.house import operator
    from jobs.worker import Worker
    from loyalty.house import House
    from loyalty.publishing import create_programme
    from loyalty.rehearsing import begins
    from loyalty.rehearsing import rehearse as played

    shutil.copyfile(template, file)
    house = await House.open(f"sqlite://{file}", token_urlsafe(32), token_bytes)
    try:
        texts = read_texts(folder)
        caller, name = operator(folder.name), folder.name
        live = await create_programme(house.db, house.rulebook, caller, name, texts, now=begins(story))
        return await played(house, live, story, Worker(house, "story").tick)
    finally:
        await house.close()


def line(folder: Path, story: "Story", misses: "list[Miss]") -> str:
    """What came of a story."""
    title = f" {story.title.say(Speech.lang)}" if story.title else ""
    code = "story_untrue" if misses else "story_true"
    return say(code, programme=folder.name, story=f"{story.id}{title}")


def words(miss: "Miss") -> str:
    """One thing that came out otherwise."""
    shown = {"expected": miss.expected, "found": miss.found}
    return say("story_miss", step=miss.step + 1, at=miss.at, what=miss.what, **shown)


def as_data(folder: Path, story: "Story", misses: "list[Miss]") -> dict[str, Any]:
    """The same for a program."""
    names = ("step", "at", "what", "expected", "found")
    missed = [{name: getattr(miss, name) for name in names} for miss in misses]
    return {"programme": folder.name, "story": story.id, "true": not misses, "misses": missed}
