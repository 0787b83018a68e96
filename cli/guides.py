"""`loyalty rules describe` and `schema`: a programme for people, and its documents for editors."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.folders import folder_of, programmes_in
from cli.words import Speech, answer, as_json, say

if TYPE_CHECKING:
    from rules.check import Checked

POLICY = "policy"
Which = Annotated[str, typer.Argument(help=say("help.programme_or_folder"))]


def describe(programme: Which = "demo") -> None:
    """The members' points guide, as Markdown."""
    from rules.describe import page

    checked = sound(folder_named(programme))
    if checked.definitions is not None:
        answer(page(checked.definitions, checked.rules, Speech.lang).rstrip())


def schema(
    kind: Annotated[str, typer.Argument(help=say("help.schema_kind"))] = POLICY,
    programme: Annotated[str, typer.Option("--programme", "-p", help=say("help.programme_or_folder"))] = "demo",
    out: Annotated[Path | None, typer.Option("--out", help=say("help.schema_out"))] = None,
) -> None:
    """The JSON Schema of a kind of document, with the names of a programme; or of every kind, into a folder."""
    from rules import schemas

    definitions = sound(folder_named(programme)).definitions
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for each in schemas.KINDS:
            file = out / f"{each}.schema.json"
            made = json.dumps(schemas.document(each, definitions), ensure_ascii=False, indent=2)
            file.write_text(f"{made}\n", encoding="utf-8", newline="\n")
            answer(file.as_posix())
        return
    if kind not in schemas.KINDS:
        raise typer.BadParameter(say("kind_unknown", kind=kind, allowed=", ".join(schemas.KINDS)))
    as_json(schemas.document(kind, definitions))


def folder_named(programme: str) -> Path:
    """A programme's folder, by its path or by its name."""
    path = Path(programme)
    return programmes_in(path)[0] if path.is_dir() else folder_of(programme)


def sound(folder: Path) -> "Checked":
    """A folder without faults; raises them."""
    from rules.check import check
    from rules.faults import Faulty
    from rules.files import documents

    checked = check(documents(folder))
    if checked.faulty:
        raise Faulty(checked.faults)
    return checked
