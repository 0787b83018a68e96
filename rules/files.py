"""A programme as a folder of JSON files: read, and written in one form so that a change is a small diff."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from rules.benefits import Benefit
from rules.documents import content_hash, parse
from rules.draws import Draw
from rules.faults import Fault, Faulty
from rules.gatherings import Gathering
from rules.partners import Partner
from rules.policy import Example, Policy
from rules.polls import Poll
from rules.programme import Programme
from rules.segments import Segment
from rules.stories import Stories
from rules.tiers import Ladder

WIDTH = 118
SUFFIX = ".json"
ORDERS: Mapping[str, type[BaseModel]] = {
    "programme": Programme,
    "tiers": Ladder,
    "benefits": Benefit,
    "stories": Stories,
    "segments": Segment,
    "partners": Partner,
    "gatherings": Gathering,
    "draws": Draw,
    "polls": Poll,
}

__all__ = ["content_hash", "read_folder", "written"]


def read_folder(folder: Path) -> dict[str, tuple[str, Any]]:
    """Every document of a programme: path without `.json` → its text and what it says. Raises Faulty.

    Only what is sound JSON within bounds is returned; whether it makes sense is for `check` to say.
    """
    found: dict[str, tuple[str, Any]] = {}
    faults: list[Fault] = []
    for file in files_of(folder):
        path = file.relative_to(folder).as_posix().removesuffix(SUFFIX)
        text = file.read_bytes()
        document, wrong = parse(path, text)
        faults += wrong
        if not wrong:
            found[path] = (text.decode(), document)
    if faults:
        raise Faulty(faults)
    return found


def files_of(folder: Path) -> Iterator[Path]:
    """The files of a programme. A link that leads out of the folder is no part of it, nor is what is no file."""
    inside = folder.resolve()
    for file in sorted(folder.rglob(f"*{SUFFIX}")):
        if file.is_file() and file.resolve().is_relative_to(inside):
            yield file


def documents(folder: Path) -> dict[str, Any]:
    """Every document of a programme, parsed: what `check` and `compile_ruleset` take. Raises Faulty."""
    return {path: document for path, (_, document) in read_folder(folder).items()}


def written(path: str, document: Any) -> str:
    """A document's text in the house form: fields in the order of the reference, short things on one line."""
    model = ORDERS.get(path.split("/", maxsplit=1)[0], Policy)
    names = [field.alias or name for name, field in model.model_fields.items()]
    if model is Policy:
        examples = [ordered(one, [*Example.model_fields]) for one in document.get("examples", ())]
        document = {**document, "examples": examples} if examples else document
    return layout(ordered(document, names), 0) + "\n"


def ordered(document: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Known fields first, in order; the rest as they come."""
    return {name: document[name] for name in names if name in document} | {
        name: value for name, value in document.items() if name not in names
    }


def layout(value: Any, indent: int, taken: int = 0) -> str:
    """JSON over as few lines as fit the width: what fits stands on one, what does not is broken once more."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent + taken + len(flat) <= WIDTH and indent):
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        parts = []
        for key, one in value.items():
            head = f"{json.dumps(key, ensure_ascii=False)}: "
            parts.append(f"{pad}{head}{layout(one, indent + 2, len(head) + 1)}")
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(f"{pad}{layout(one, indent + 2, 1)}" for one in value) + "\n" + " " * indent + "]"
