"""The house as a command finds it: settings read, database opened, and closed whatever happens."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from secrets import token_bytes
from typing import Any, TypeVar

import typer

from cli.words import say, tell
from loyalty.access import Caller, scopes_of
from loyalty.house import House
from loyalty.refusals import Refused
from loyalty.rulebook import Live, look
from models.database import Database
from models.durability import weaknesses
from settings import Settings, unknown

T = TypeVar("T")
DEMO_FOLDER = Path(".perennial")
DEMO_DATABASE = DEMO_FOLDER / "demo.db"
DEMO_SECRET = DEMO_FOLDER / "secret"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do the work of a command, on an event loop of its own."""
    return asyncio.run(work)


def read_settings() -> Settings:
    """The deployment's settings; where nothing is set and a demo has been made here, the demo's."""
    for name, nearest in unknown():
        if nearest:
            tell("setting_unknown_nearest", name=name, nearest=nearest)
        else:
            tell("setting_unknown", name=name)
    settings = Settings()
    if "database_url" not in settings.model_fields_set and DEMO_DATABASE.exists():
        tell("using_demo", file=DEMO_DATABASE)
        settings = settings.model_copy(update={"database_url": f"sqlite://{DEMO_DATABASE}"})
    if settings.secret is None and DEMO_SECRET.exists():
        settings = Settings(database_url=settings.database_url, secret_file=DEMO_SECRET)
    return settings


def secret_of(settings: Settings) -> str:
    """The deployment's secret; a usage error where there is none."""
    if settings.secret is None:
        raise typer.BadParameter(say("secret_missing"))
    return settings.secret.get_secret_value()


@asynccontextmanager
async def database() -> AsyncIterator[Database]:
    """The database alone, for commands that need no keys."""
    settings = read_settings()
    db = await _told(Database.open(settings.database_url, pool_max=settings.pool_max))
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def opened(settings: Settings | None = None) -> AsyncIterator[House]:
    """The house, for as long as a command needs it."""
    settings = settings or read_settings()
    house = await _told(House.open(settings.database_url, secret_of(settings), token_bytes, pool_max=settings.pool_max))
    try:
        yield house
    finally:
        await house.close()


async def keeps_its_word(house: House, settings: Settings) -> None:
    """See to it that what is acknowledged is on disk, before anything is; or warn, where that was asked for."""
    weak = await weaknesses(house.db)
    for one in weak:
        tell("not_durable", setting=one.setting, value=one.value, wanted=one.wanted)
    if weak and settings.durability == "require":
        tell("not_durable_refused")
        raise typer.Exit(1)


async def programme_of(house: House, name: str | None) -> Live:
    """The programme that is meant: by name, or the only one there is."""
    if name is not None:
        with naming("programme_none", programme=name):
            return await house.rulebook.programme(house.db, name)
    await look(house.db, house.rulebook)
    programmes = house.rulebook.all()
    if not programmes:
        tell("no_programme")
        raise typer.Exit(1)
    if len(programmes) != 1:
        names = ", ".join(live.name for live in programmes)
        raise typer.BadParameter(say("which_programme", names=names), param_hint="--programme")
    return programmes[0]


@contextmanager
def naming(code: str, refusal: str = "NOT_FOUND", **params: object) -> Iterator[None]:
    """Say what it is that is not there, or there already, where the refusal itself does not name it."""
    try:
        yield
    except Refused as refused:
        if refused.code != refusal:
            raise
        tell(code, **params)
        raise typer.Exit(1) from refused


def operator(programme: str) -> Caller:
    """Whoever has a shell on this machine: staff, under the name of the account."""
    subject = f"staff:{os.environ.get('USER') or os.environ.get('LOGNAME') or 'shell'}"
    return Caller(subject, programme, scopes_of(("admin",)))


async def _told(opening: Awaitable[T]) -> T:
    """An address that is none, or a secret too short, is a mistake of whoever set it."""
    try:
        return await opening
    except ValueError as error:
        raise typer.BadParameter(say("settings_wrong", detail=error)) from error
