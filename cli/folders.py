"""A programme's documents on disk: `rules/programmes/<programme>/<kind>/<name>.json`, by path without the ending."""

from importlib import resources
from pathlib import Path

import typer

from cli.words import say

FOLDER = Path("rules/programmes")
SUFFIX = ".json"


def programmes_folder() -> Path:
    """Where programmes are written: here if this is a checkout, else those that came with the product."""
    return FOLDER if FOLDER.is_dir() else Path(str(resources.files("rules"))) / "programmes"


def folder_of(programme: str) -> Path:
    """The folder of one programme; a usage error where there is none."""
    folder = programmes_folder() / programme
    if not (folder / f"programme{SUFFIX}").is_file():
        raise typer.BadParameter(say("no_folder", folder=folder))
    return folder


def read_texts(folder: Path) -> dict[str, str]:
    """Every document of a programme: path → text. What is no UTF-8 is refused when it is checked."""
    from rules.files import files_of

    return {
        file.relative_to(folder).with_suffix("").as_posix(): file.read_text(encoding="utf-8", errors="surrogateescape")
        for file in files_of(folder)
    }


def programmes_in(path: Path) -> list[Path]:
    """The programme folders that a path means: itself, or those inside it."""
    if (path / f"programme{SUFFIX}").is_file():
        return [path]
    found = sorted(file.parent for file in path.glob(f"*/programme{SUFFIX}"))
    if not found:
        raise typer.BadParameter(say("no_folder", folder=path))
    return found
