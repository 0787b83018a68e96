"""Programmes and the versions of their policies. A document is stored once, by the hash of its content."""

from dataclasses import dataclass
from datetime import datetime

from models.table import Foreign, table


@table("programmes", key=("id",), unique=(("name",),))
@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme. `revision` rises with every publish, pause and rollback."""

    id: int
    name: str
    revision: int
    created_at: datetime


@table("documents", key=("programme_id", "hash"), append_only=True)
@dataclass(frozen=True, slots=True)
class Document:
    """A policy or definition, by the SHA-256 of its canonical text."""

    programme_id: int
    hash: str
    text: str


@table("versions", key=("programme_id", "number"), foreign=(Foreign(("programme_id",), "programmes", ("id",)),))
@dataclass(frozen=True, slots=True)
class Version:
    """One published ruleset. It decides every event from the instant `live_from` on, until the next one does."""

    programme_id: int
    number: int
    live_from: datetime
    published_at: datetime
    revision: int
    subject: str
    note: str
    source: str


@table(
    "version_entries",
    key=("programme_id", "version", "path"),
    append_only=True,
    foreign=(
        Foreign(("programme_id", "version"), "versions", ("programme_id", "number")),
        Foreign(("programme_id", "hash"), "documents", ("programme_id", "hash")),
    ),
)
@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A version is a set of (path, content hash)."""

    programme_id: int
    version: int
    path: str
    hash: str


@table("pauses", key=("programme_id", "path", "revision"))
@dataclass(frozen=True, slots=True)
class Pause:
    """A policy paused or resumed at a revision; the last row at or below a revision counts."""

    programme_id: int
    path: str
    revision: int
    paused: bool
    subject: str
    at: datetime
    note: str
