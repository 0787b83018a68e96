"""`loyalty demo`: a programme with two years behind it, tokens to look at it with, and a question with its answer."""

import contextlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes, token_hex, token_urlsafe
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.house import DEMO_DATABASE, DEMO_FOLDER, DEMO_SECRET
from cli.words import Speech, answer, progress, say, tell

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from loyalty.house import House
    from loyalty.rulebook import Live
    from settings import Settings

PROGRAMME = "demo"
MEMBER_TOKEN = timedelta(hours=12)
KEY = timedelta(days=30)
QUERY = """{
  me {
    tier { title }
    points { balance pending entries(first: 3) { nodes { at points reason } } }
  }
}"""


def demo(
    port: Annotated[int | None, typer.Option("--port", help=say("help.port"), min=0, max=65535)] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help=say("help.no_serve"))] = False,
    programme: Annotated[str, typer.Option("--programme", "-p", help=say("help.demo_programme"))] = PROGRAMME,
    members: Annotated[int | None, typer.Option("--members", help=say("help.members"), min=1, max=9999)] = None,
) -> None:
    """Make the demo where there is none yet, print how to look at it, and serve it."""
    from cli.house import run

    must_have_a_scene(programme)
    settings = settings_of(port, database_of(programme))
    run(show(settings, programme, members=members or settings.demo_members, serve=not no_serve))


def must_have_a_scene(programme: str) -> None:
    """A usage error for a programme that nobody has described a world for."""
    from seeds.scene import names

    if programme not in names():
        raise typer.BadParameter(say("demo_no_scene", programme=programme, allowed=", ".join(names())))


def database_of(programme: str) -> Path:
    """Where a programme is played: each has a file of its own, and that of `demo` is found by every command."""
    return DEMO_DATABASE.with_stem(programme)


def settings_of(port: int | None, database: Path = DEMO_DATABASE) -> "Settings":
    """The demo's settings: its own file and secret, unless a database is set."""
    from settings import Settings

    settings = Settings()
    if "database_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"database_url": f"sqlite://{database}"})
    if settings.secret is None:
        settings = Settings(database_url=settings.database_url, secret_file=secret_file())
    where = {"graphiql": True, "host": "127.0.0.1"} | ({} if port is None else {"port": port})
    return settings.model_copy(update=where)


def secret_file() -> Path:
    """The demo's secret, made once, for its owner's eyes."""
    if not DEMO_SECRET.exists():
        DEMO_FOLDER.mkdir(exist_ok=True)
        handle = os.open(DEMO_SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(token_urlsafe(32))
    return DEMO_SECRET


async def show(settings: "Settings", programme: str, *, members: int, serve: bool) -> None:
    """Make it, print it, serve it."""
    from api import logs
    from api.app import create_app
    from cli.house import opened
    from cli.serve import listener, server_of, working

    logs.configure("warning")  # What is printed here is for reading.
    await make(settings, programme, members)
    async with opened(settings) as house:
        live = await house.rulebook.programme(house.db, programme)
        app = create_app(settings, house=house)
        if not serve:
            await tell_how(house, live, app, settings, f"http://{settings.host}:{settings.port}/graphiql")
            return
        with contextlib.closing(listener(settings)) as heard:
            url = f"http://{settings.host}:{heard.getsockname()[1]}"
            await tell_how(house, live, app, settings, f"{url}/graphiql")
            tell("serving", url=url)
            logs.configure(settings.log_level)
            async with working(house):
                await server_of(app, settings).serve(sockets=[heard])


async def make(settings: "Settings", programme: str, members: int) -> None:
    """Play the demo's history, unless it stands. A file is put in its place only when it is whole."""
    scheme, _, name = settings.database_url.partition("://")
    if scheme != "sqlite":
        await play_into(settings, programme, members)
    elif (part := part_of(Path(name))) is not None:
        await play_into(settings.model_copy(update={"database_url": f"sqlite://{part}"}), programme, members)
        part.rename(name)


def part_of(file: Path) -> Path | None:
    """The file to play into, with nothing left over from a run that was broken off; None if the demo stands."""
    if file.exists():
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    for left_over in part.parent.glob(f"{part.name}*"):
        left_over.unlink()
    return part


async def play_into(settings: "Settings", programme: str, members: int) -> None:
    """Migrate, found the programme and play its history, each if it has not been done."""
    from cli.folders import folder_of, read_texts
    from cli.house import opened, operator
    from jobs.worker import Worker
    from loyalty.publishing import create_programme
    from seeds.play import begins, play
    from seeds.scene import scene_of

    now = datetime.now(UTC).replace(microsecond=0)
    async with opened(settings) as house:
        await house.db.migrate()
        if await house.db.rows("SELECT 1 AS one FROM programmes WHERE name = $1", programme):
            return
        texts = read_texts(folder_of(programme))
        caller = operator(programme)
        await create_programme(house.db, house.rulebook, caller, programme, texts, now=begins(now), note="demo")
        worker = Worker(house, programme)
        with progress("playing") as moved:
            played = await play(
                house, scene_of(programme, texts), now=now, advance=worker.tick, progress=moved, members=members
            )
        tell("demo_made", members=members, events=f"{played.events:,}")


async def tell_how(house: "House", live: "Live", app: "Starlette", settings: "Settings", graphiql: str) -> None:
    """Where to look, with which tokens, and what to ask first."""
    tokens = await tokens_of(house, live)
    answer(say("demo_graphiql", url=graphiql))
    if live.name != PROGRAMME and settings.database_url.startswith("sqlite:"):
        answer(say("demo_elsewhere"))
        answer(f"export LOYALTY_DATABASE_URL={settings.database_url}")
    for role, token in tokens.items():
        answer(say(f"demo_token_{role}", partner=partner_in(live) or ""))
        answer(f"export {role.upper()}={token}")
    answer(say("demo_query"))
    answer(QUERY)
    answer(say("demo_answer"))
    answer(json.dumps(await ask(app, tokens["member"], QUERY), ensure_ascii=False, indent=2))


async def tokens_of(house: "House", live: "Live") -> dict[str, str]:
    """A token for each of those who look at the demo."""
    from cli.house import operator
    from loyalty import keys, views
    from loyalty.access import scopes_of
    from loyalty.events import MemberRef
    from seeds.people import STAR

    now = datetime.now(UTC)
    star = await views.find(house, live, MemberRef(kind="external", value=STAR))
    until = now + MEMBER_TOKEN
    tokens = {"member": keys.member_token(house.secrets, live, star, token_id=token_hex(8), now=now, expires_at=until)}
    roles: list[tuple[str, str | None]] = [("marketer", None)]
    if (brand := partner_in(live)) is not None:
        roles.append(("partner", brand))
    for role, partner in roles:
        subject = f"partner:{partner}" if partner else f"staff:{role}"
        declared = live.newest.ruleset.partners.get(partner or "")
        shops = declared.shops if declared else ("main",)
        grant = keys.Grant(subject, scopes_of([role]), shops, partner, now + KEY)
        chance = token_bytes(keys.CHANCE_BYTES)
        _, tokens[role] = await keys.issue(house.db, house.secrets, operator(live.name), live, grant, chance=chance)
    return tokens


def partner_in(live: "Live") -> str | None:
    """A partner brand that the programme has benefits of, if there is one: whoever looks may be it too."""
    partners = {benefit.partner for benefit in live.newest.ruleset.benefits.values()} - {None}
    return min(partners, key=str, default=None)


async def ask(app: "Starlette", token: str, query: str) -> Any:
    """One question to the service, without a network between."""
    body = json.dumps({"query": query}).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "authorization": f"Bearer {token}",
        "accept-language": Speech.lang,
        "host": "127.0.0.1",
    }
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/graphql", "raw_path": b"/graphql", "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return json.loads(b"".join(message.get("body", b"") for message in sent))
