"""Every request gets an id, a line in the log and a place in the figures. Nothing personal goes into any of them."""

import re
import secrets
import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics

HEADER: Final = b"x-request-id"
GIVEN: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
HARDENED: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
log = structlog.get_logger("perennial.http")


class Requests:
    """Pure ASGI: contexts and cancellation pass through it untouched."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]) -> None:
        self.app = app
        self.metrics = metrics
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name it, pass it on, note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = given(scope) or secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status, begun = 500, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                added = [pair for pair in HARDENED if pair[0] not in present]
                message = {**message, "headers": [*message["headers"], *added, (HEADER, request_id.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            path = scope["path"] if scope["path"] in self.paths else "other"
            seconds = time.perf_counter() - begun
            self.metrics.answered(path, status, seconds)
            log.info(
                "request",
                method=scope["method"],
                path=path,
                status=status,
                ms=round(seconds * 1000, 1),
                request_id=request_id,
            )


def given(scope: Scope) -> str | None:
    """An id that whoever stands before us gave the request, if it looks like one."""
    for name, value in scope["headers"]:
        if name == HEADER and GIVEN.fullmatch(value):
            return str(value.decode())
    return None
