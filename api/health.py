"""Whether it lives, whether it is ready and if not why, and which version it is."""

from collections.abc import Callable, Mapping
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from loyalty.house import House
from models.errors import DatabaseError, Unavailable

# A row where the first migration has been applied.
FOUNDED: Mapping[str, str] = {
    "sqlite": "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'programmes'",
    "postgres": "SELECT 1 AS one WHERE to_regclass('programmes') IS NOT NULL",
}


def routes(house: Callable[[], House | None]) -> list[Route]:
    """The three addresses."""

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        reasons = await missing(house())
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    async def version_of(_request: Request) -> JSONResponse:
        return JSONResponse({"name": "perennial", "version": version("perennial")})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/version", version_of)]


async def missing(house: House | None) -> list[str]:
    """What is not as it must be before anybody is served."""
    if house is None:
        return ["starting"]
    try:
        if not await house.db.rows(FOUNDED[house.db.dialect]):
            return ["migrations are missing: loyalty db upgrade"]
        rows = await house.db.rows("SELECT COUNT(*) AS n FROM programmes")
    except (DatabaseError, Unavailable) as error:
        return [f"database: {type(error).__name__}"]
    return [] if rows[0]["n"] else ["no programme"]
