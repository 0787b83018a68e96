"""`loyalty serve` and `loyalty worker`: the processes that run on; `loyalty schema` prints what is served."""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.words import answer, say, tell

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

    from loyalty.house import House
    from settings import Settings

GRACE_SECONDS = 25  # Open connections are given so long to end.
BACKLOG = 2_048  # Connections that may wait to be taken.
KEEP_ALIVE_SECONDS = 65  # Longer than a load balancer keeps its own.


def serve(
    host: Annotated[str, typer.Option("--host", help=say("help.host"))] = "",
    port: Annotated[int, typer.Option("--port", help=say("help.port"))] = -1,
    embedded: Annotated[bool | None, typer.Option("--worker/--no-worker", help=say("help.embedded"))] = None,
) -> None:
    """Serve GraphQL over HTTP."""
    from cli.house import read_settings, run, secret_of

    settings = read_settings()
    secret_of(settings)
    where = {"host": host or settings.host, "port": settings.port if port < 0 else port}
    settings = settings.model_copy(update=where)
    with_worker = settings.database_url.startswith("sqlite") if embedded is None else embedded
    run(serving(settings, with_worker=with_worker))


async def serving(settings: "Settings", *, with_worker: bool) -> None:
    """The house open, the service up, and the worker beside it."""
    from api import logs
    from api.app import create_app
    from cli.house import keeps_its_word, opened

    logs.configure(settings.log_level)
    async with opened(settings) as house:
        await keeps_its_word(house, settings)
        app = create_app(settings, house=house)
        async with working(house) if with_worker else contextlib.nullcontext():
            server = server_of(app, settings)
            with contextlib.closing(listener(settings)) as heard:
                address, port = heard.getsockname()[:2]
                tell("serving", url=f"http://{address}:{port}")
                await server.serve(sockets=[heard])


def listener(settings: "Settings") -> socket.socket:
    """The socket, bound before anything is promised: port 0 takes a free one."""
    heard = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        heard.bind((settings.host, settings.port))
        heard.listen(BACKLOG)  # From here on whoever comes is answered, if only when the service is up.
    except OSError as error:
        heard.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise typer.BadParameter(say("port_taken", port=settings.port), param_hint="--port") from error
    return heard


def server_of(app: "Starlette", settings: "Settings") -> "uvicorn.Server":
    """The HTTP server as we run it."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level=settings.log_level,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    return uvicorn.Server(config)


@contextlib.asynccontextmanager
async def working(house: "House") -> AsyncIterator[None]:
    """The worker's loop in a task of this process."""
    from jobs.worker import Worker, database_clock

    worker = Worker(house, worker_name(), database_clock(house))
    task = asyncio.create_task(worker.run(asyncio.sleep))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def worker_name() -> str:
    """Tells this process from all others."""
    return f"{socket.gethostname()}:{os.getpid()}"


def worker(
    once: Annotated[bool, typer.Option("--once", help=say("help.once"))] = False,
) -> None:
    """Do what time brings."""
    from api import logs
    from cli.house import keeps_its_word, opened, read_settings, run
    from jobs.worker import Worker, database_clock

    settings = read_settings()

    async def work() -> int:
        logs.configure(settings.log_level)
        async with opened(settings) as house:
            await keeps_its_word(house, settings)
            clock = database_clock(house)
            made = Worker(house, worker_name(), clock)
            if once:
                return await made.tick(await clock())
            tell("working")
            await made.run(asyncio.sleep)
        return 0

    done = run(work())
    if once:
        answer(say("worked", jobs=done))


def schema() -> None:
    """Print the GraphQL schema."""
    from schema.build import build

    answer(build().as_str())
