"""A shell in an empty folder, with a database of its own: commands run as they do for people, but in this process."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.main import execute
from models.database import Database
from tests.loyalty.programme import FILES, documents

SECRET = "a secret for the shell, long enough"


@dataclass(frozen=True)
class Said:
    """What a command answered, what it said on the side, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer, for programs."""
        return json.loads(self.out)


@dataclass
class Shell:
    """Runs `loyalty …`."""

    folder: Path
    capture: Callable[[], Any]
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *argv: str, **environ: str) -> Said:
        """Run a command."""
        self.capture()
        code = execute(argv, self.environ | environ)
        heard = self.capture()
        return Said(code, heard.out, heard.err)

    def write(self, path: str, content: str) -> Path:
        """A file in the shell's folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        return file

    def programme(self, **changes: Any) -> Path:
        """The story's programme as a folder of files; `None` removes one."""
        folder = self.folder / "rules" / "programmes" / "story"
        for path, text in documents(**changes).items():
            self.write(
                f"rules/programmes/story/{path}.json", json.dumps(json.loads(text), ensure_ascii=False, indent=2)
            )
        return folder

    def changed(self, path: str, **changes: Any) -> Mapping[str, Any]:
        """A document of the story with some fields changed, as `programme` wants it."""
        return {path.replace("/", "__"): FILES[path] | changes}


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys) -> Shell:
    """A shell without any setting."""
    monkeypatch.chdir(tmp_path)
    for name in ("LOYALTY_DATABASE_URL", "LOYALTY_SECRET", "LOYALTY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return Shell(tmp_path, capsys.readouterr)


@pytest.fixture
def house(shell, database_url, monkeypatch) -> Shell:
    """A shell with a migrated database, a secret, and the story's programme on disk and founded."""
    monkeypatch.setenv("LOYALTY_DATABASE_URL", database_url)
    monkeypatch.setenv("LOYALTY_SECRET", SECRET)
    shell.programme()
    said = shell("programme", "create", "story")
    assert said.code == 0, said.err
    ready: Shell = shell
    return ready


@pytest.fixture
def query(database_url) -> Callable[[str], list[Any]]:
    """Ask the database behind the shell: the first column of every row."""

    async def ask(sql: str) -> list[Any]:
        database = await Database.open(database_url)
        try:
            return [next(iter(row.values())) for row in await database.rows(sql)]
        finally:
            await database.close()

    return lambda sql: asyncio.run(ask(sql))


@pytest.fixture
def change(database_url) -> Callable[[str], int]:
    """Do something behind the shell's back; how many rows it was done to."""

    async def run(sql: str) -> int:
        database = await Database.open(database_url)
        try:
            return await database.run(sql)
        finally:
            await database.close()

    return lambda sql: asyncio.run(run(sql))
