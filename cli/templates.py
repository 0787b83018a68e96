"""`loyalty rules new`: begin a programme with a ready one, as a folder of one's own that nothing else depends on."""

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from cli.folders import FOLDER, SUFFIX, programmes_in
from cli.words import Speech, answer, say


def new(
    name: Annotated[str, typer.Argument(help=say("help.new_name"))] = "",
    template: Annotated[str, typer.Option("--from", help=say("help.template"))] = "",
) -> None:
    """Copy a template into a new folder; without one, say which there are."""
    if not template:
        if name:
            raise typer.BadParameter(say("template_missing", name=name, allowed=", ".join(sorted(templates()))))
        for key, folder in templates().items():
            answer(f"{key}: {title_of(folder)}")
        return
    source = templates().get(template)
    if source is None:
        raise typer.BadParameter(say("template_unknown", template=template, allowed=", ".join(sorted(templates()))))
    if not name:
        raise typer.BadParameter(say("template_name", template=template))
    folder = place_of(name)
    if folder.exists() or folder.is_symlink():
        raise typer.BadParameter(say("file_exists", file=folder.as_posix()))
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    count = sum(1 for _ in folder.rglob(f"*{SUFFIX}"))
    answer(say("template_copied", template=template, folder=folder.as_posix(), documents=count))
    answer(say("template_next", folder=folder.as_posix(), programme=folder.name))


def templates() -> dict[str, Path]:
    """The ready programmes that came with the product, by name."""
    shipped = Path(str(resources.files("rules"))) / "programmes"
    return {folder.name: folder for folder in programmes_in(shipped)}


def title_of(folder: Path) -> str:
    """What a programme calls itself, in the reader's language."""
    title = json.loads((folder / f"programme{SUFFIX}").read_text(encoding="utf-8"))["title"]
    return str(title.get(Speech.lang) or title["en"])


def place_of(name: str) -> Path:
    """Where a new programme goes: beside the others, unless a path is said."""
    path = Path(name)
    return FOLDER / path if path == Path(path.name) else path
