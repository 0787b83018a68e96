"""The service in a process of its own, as `loyalty serve` runs it; with `bare`, documents are parsed anew each time."""

import asyncio
import sys

from pydantic import SecretStr

from api import app as wiring
from api import logs
from api.limits import Limits
from cli.serve import listener, server_of
from settings import Settings


async def serve(url: str, secret: str, *, bare: bool) -> None:
    """Serve on a free port, and say which."""
    if bare:
        setattr(wiring, "EXTENSIONS", (Limits,))  # noqa: B010 - it imported the name from elsewhere
    settings = Settings(database_url=url, secret=SecretStr(secret), port=0, log_level="error")
    logs.configure(settings.log_level)  # Nobody reads what would be said: a full pipe would stop the server.
    app = wiring.create_app(settings)
    heard = listener(settings)
    print(heard.getsockname()[1], flush=True)
    await server_of(app, settings).serve(sockets=[heard])


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], bare="bare" in sys.argv[3:]))
