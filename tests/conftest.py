"""A real database for every test: migrated once into a template, copied for each. SQLite, or PostgreSQL by URL."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from models.database import Database
from models.sql import Dialect
from tests.property.counting import COUNTED

SERVER = os.environ.get("LOYALTY_TEST_DATABASE_URL", "")
# What only the other database has is no part of this run.
collect_ignore = ["models/test_sqlite.py" if SERVER else "models/test_postgres.py"]
STALE_SECONDS = 7200  # What a run that was killed has left on the server is dropped by a later one.

# Properties: the same few thousand histories at every run, or new ones, and more of them, by night.
PROFILE = os.environ.get("LOYALTY_TEST_PROFILE", "ci")
TOO_SLOW = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)
settings.register_profile(
    "ci", max_examples=600, derandomize=True, database=None, deadline=None, suppress_health_check=TOO_SLOW
)
settings.register_profile("nightly", max_examples=20_000, deadline=None, suppress_health_check=TOO_SLOW)
settings.load_profile(PROFILE)


@pytest.fixture(scope="session")
def dialect() -> Dialect:
    """Which database this run is on."""
    return "postgres" if SERVER else "sqlite"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The migrated database that every test copies: a file's path, or a database's name."""
    if not SERVER:
        path = tmp_path_factory.mktemp("template") / "template.db"
        asyncio.run(_migrate(f"sqlite://{path}"))
        yield str(path)
        return
    name = _new_name()
    asyncio.run(_clear_away())
    asyncio.run(_on_server(f'CREATE DATABASE "{name}"'))
    asyncio.run(_migrate(_url(name)))
    yield name
    asyncio.run(_on_server(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest_asyncio.fixture
async def database_url(template: str, tmp_path: Path) -> AsyncIterator[str]:
    """A fresh database for a test that opens it itself, or in several processes."""
    async with copied(template, tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def empty_database_url(tmp_path: Path) -> AsyncIterator[str]:
    """A database in which nothing has been migrated."""
    async with copied("", tmp_path) as url:
        yield url


@pytest_asyncio.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, open."""
    database = await Database.open(database_url)
    yield database
    await database.close()


@asynccontextmanager
async def copied(template: str, folder: Path) -> AsyncIterator[str]:
    """The URL of a database of one's own, copied from the template or empty; dropped in the end."""
    if not SERVER:
        path = folder / f"{_new_name()}.db"
        if template:
            shutil.copyfile(template, path)
        yield f"sqlite://{path}"
        return
    name = _new_name()
    await _on_server(f'CREATE DATABASE "{name}" TEMPLATE {template or "template1"}')
    yield _url(name)
    await _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


async def _migrate(url: str) -> None:
    database = await Database.open(url)
    try:
        await database.migrate()
    finally:
        await database.close()


async def _on_server(*statements: str) -> None:
    connection = await asyncpg.connect(SERVER)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _clear_away() -> None:
    connection = await asyncpg.connect(SERVER)
    try:
        names = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'perennial\\_test\\_%'")
        for (name,) in names:
            if int(name.split("_")[2]) < time.time() - STALE_SECONDS:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _new_name() -> str:
    return f"perennial_test_{int(time.time())}_{uuid4().hex[:12]}"


def _url(name: str) -> str:
    return urlsplit(SERVER)._replace(path=f"/{name}").geturl()


# How much the properties tried is said at the end of a run, whichever processes they ran in.


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands in what it counted."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["counted"] = dict(COUNTED)


def pytest_testnodedown(node: Any) -> None:
    """The run adds up what its workers counted."""
    COUNTED.update(getattr(node, "workeroutput", {}).get("counted", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line: what was drawn, and how much of it."""
    if COUNTED:
        told = ", ".join(f"{many} {what}" for what, many in COUNTED.most_common())
        terminalreporter.write_line(f"properties tried: {told}")
