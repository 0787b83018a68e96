"""The query explorer, from files of our own: the page asks nobody outside, and its policy would not let it."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

STATIC: Final = Path(__file__).with_name("static")
PAGE: Final = "explorer.html"
FILES: Final = {
    "explorer.css": "text/css",
    "explorer.js": "text/javascript",
    "graphiql.min.css": "text/css",
    "graphiql.min.js": "text/javascript",
    "react.min.js": "text/javascript",
    "react-dom.min.js": "text/javascript",
}
# The editor in it sets styles as it goes, and carries its letters and pictures along.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def routes() -> list[BaseRoute]:
    """The page and its files."""
    return [Route("/graphiql", page), Route("/graphiql/{name}", file)]


async def page(_request: Request) -> Response:
    """The page."""
    return FileResponse(STATIC / PAGE, headers={"content-security-policy": POLICY}, media_type="text/html")


async def file(request: Request) -> Response:
    """One of its files, by name, and no other."""
    name = request.path_params["name"]
    if name not in FILES:
        return Response(status_code=404)
    return FileResponse(STATIC / name, headers={"cache-control": "max-age=86400"}, media_type=FILES[name])
