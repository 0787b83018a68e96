"""The HTTP service: the only place where its parts are wired together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route

from api import graphiql, health
from api.graphql import Clock, Door, View
from api.limits import EXTENSIONS
from api.metrics import Metrics
from api.requests import Requests
from loyalty import rulebook
from loyalty.house import House
from models.durability import weaknesses
from models.errors import DatabaseError
from schema.build import build
from settings import Settings

logger = logging.getLogger(__name__)

PATHS: Final = ("/graphql", "/graphiql", "/healthz", "/readyz", "/version", "/metrics")


def utc_now() -> datetime:
    """This process's clock, for reads; what is written is dated by the database's."""
    return datetime.now(UTC)


def create_app(settings: Settings, *, house: House | None = None, clock: Clock | None = None) -> Starlette:
    """The application. A house that is handed in stays open; a clock that is handed in dates everything."""
    held: dict[str, House] = {} if house is None else {"house": house}

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        opened = house or await open_house(settings)
        held["house"] = opened
        with contextlib.suppress(DatabaseError):  # Not ready is said by /readyz.
            await rulebook.look(opened.db, opened.rulebook)  # Before anybody asks: a token names its programme.
        watch = asyncio.create_task(rulebook.watch(opened.db, opened.rulebook))
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            if house is None:
                await opened.close()

    door = Door(lambda: held["house"], clock or utc_now, clock is not None, settings.graphiql)
    metrics = Metrics()
    routes: list[BaseRoute] = [
        Route("/graphql", View(build(EXTENSIONS), door), methods=["POST"]),
        *health.routes(lambda: held.get("house")),
        metrics.route(),
        *(graphiql.routes() if settings.graphiql else []),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Requests, metrics=metrics, paths=frozenset(PATHS)), *_browsers(settings.origins)],
        lifespan=lifespan,
    )
    app.state.house = held
    return app


def _browsers(origins: tuple[str, ...]) -> list[Middleware]:
    """Pages of other origins that may ask. Tokens travel in a header, never in cookies: no credentials are allowed."""
    if not origins:
        return []
    asked = ["authorization", "content-type", "accept-language"]
    told = ["content-language", "retry-after", "x-request-id"]
    return [
        Middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["POST"], allow_headers=asked, expose_headers=told
        )
    ]


async def open_house(settings: Settings) -> House:
    """The house that the settings name, with every programme compiled. Raises ValueError without a secret."""
    if settings.secret is None:
        raise ValueError("LOYALTY_SECRET")
    house = await House.open(
        settings.database_url, settings.secret.get_secret_value(), token_bytes, pool_max=settings.pool_max
    )
    weak = [f"{one.setting} = {one.value}" for one in await weaknesses(house.db)]
    if weak and settings.durability == "require":
        await house.close()
        raise ValueError(f"the database may lose what was acknowledged ({', '.join(weak)}): LOYALTY_DURABILITY")
    if weak:
        logger.warning("the database may lose what was acknowledged: %s", ", ".join(weak))
    for row in await house.db.rows("SELECT id FROM programmes ORDER BY id"):
        await house.rulebook.learn(house.db, int(row["id"]))
    return house
