"""GraphQL over HTTP: POST of JSON, counted in bytes, answered by the rules of GraphQL over HTTP, nothing leaking."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from api.auth import Unauthenticated, caller_of, sees_schema
from api.limits import BODY_MAX, BODY_MAX_WRITER, WRITERS
from loyalty.access import Caller
from loyalty.house import House
from loyalty.refusals import worded
from models.codec import parse
from models.errors import Unavailable
from schema.build import Schema
from schema.problems import ERRORS_MAX, reworded
from schema.reader import Reader

JSON: Final = "application/json"
NEW: Final = "application/graphql-response+json"
LANGUAGES_MAX: Final = 10
Clock = Callable[[], datetime]


class TooLarge(Exception):
    """The body has more bytes than this caller may send."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the view needs of the house: itself, the clock, and whether tests hand theirs in."""

    house: Callable[[], House]
    clock: Clock
    handed_in: bool
    open_schema: bool


class View(GraphQL[Reader, None]):
    """One endpoint: POST, JSON, one operation."""

    def __init__(self, schema: Schema, door: Door) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who calls, then let them in, body and all, as far as they may."""
        request = Request(scope, receive)
        response = await self.answer(request, scope, receive)
        await response(scope, receive, send)

    async def answer(self, request: Request, scope: Scope, receive: Receive) -> Response:
        """The response to one request."""
        house, now = self.door.house(), self.door.clock()
        reader = Reader(
            house=house,
            caller=None,
            now=now,
            request_id=scope.get("state", {}).get("request_id", ""),
            wanted=languages(request.headers.get("accept-language", "")),
            door=now if self.door.handed_in else None,
            open_schema=self.door.open_schema,
        )
        try:
            address = request.client.host if request.client else ""
            reader.caller = await caller_of(house, request.headers, now, address)
            live = await reader.live() if reader.caller else None
        except Unauthenticated:
            return refusal(401, "UNAUTHENTICATED", reader)
        except Unavailable:
            return refusal(503, "UNAVAILABLE", reader)
        if live is None and not reader.open_schema:
            return refusal(401, "UNAUTHENTICATED", reader)
        reader.open_schema = reader.open_schema or sees_schema(reader.caller)
        if media_type(request.headers.get("content-type", "")) != JSON:
            return refusal(415, "BAD_USER_INPUT", reader, detail=f"Content-Type: {JSON}")
        request = Request(scope, counted(receive, body_max(reader.caller)))
        request.state.reader = reader
        return await self._run(request, reader)

    async def _run(self, request: Request, reader: Reader) -> Response:
        try:
            return await self.run(request, context=reader)
        except TooLarge:
            return refusal(413, "BODY_TOO_LARGE", reader, most=body_max(reader.caller))
        except HTTPException as error:
            return refusal(error.status_code, "BAD_USER_INPUT", reader, detail=error.reason)

    def decode_json(self, data: str | bytes) -> object:
        """JSON of an object, and nothing that somebody further down could choke on."""
        try:
            body = parse(data)
        except ValueError as error:
            raise json.JSONDecodeError("not JSON", "", 0) from error
        if not isinstance(body, dict) or not isinstance(body.get("operationName"), str | None):
            raise HTTPException(400, "one JSON object, with `query`, `variables` and `operationName`")
        if unkeepable(data, body):
            raise HTTPException(400, "characters that no text can hold")
        return body

    def encode_json(self, data: object) -> bytes:
        """JSON as bytes."""
        return orjson.dumps(data)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Errors leave in words, with a code. Where nothing was run there is no `data`."""
        reader = request.state.reader
        answer: GraphQLHTTPResponse = {}
        ran = result.data is not None or not result.errors or any(error.path for error in result.errors)
        if ran:
            answer["data"] = result.data
        if result.errors:
            answer["errors"] = [
                reworded(error, reader.lang(), reader).formatted for error in result.errors[:ERRORS_MAX]
            ]
        request.state.ran = ran
        return answer

    async def get_sub_response(self, request: Request) -> Response:  # type: ignore[override]
        """Carries the request to where the response is made."""
        response = await super().get_sub_response(request)
        response.request = request  # type: ignore[attr-defined]
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """In the media type that was asked for: the new one has its status, the old one is always 200."""
        request = sub_response.request  # type: ignore[attr-defined]
        new = NEW in request.headers.get("accept", "")
        status = 400 if new and not request.state.ran else 200
        headers = {"content-language": request.state.reader.lang(), "vary": "accept, accept-language"}
        content_type = f"{NEW if new else JSON}; charset=utf-8"
        return Response(self.encode_json(response_data), status, {**headers, "content-type": content_type})


def refusal(status: int, code: str, reader: Reader, **params: Any) -> Response:
    """A request that never came to be run."""
    error = GraphQLError(worded(code, params, reader.lang()), extensions={"code": code})
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return Response(orjson.dumps({"errors": [error.formatted]}), status, headers, media_type=JSON)


def body_max(caller: Caller | None) -> int:
    """How many bytes a caller may send."""
    return BODY_MAX_WRITER if caller is not None and caller.scopes & WRITERS else BODY_MAX


def counted(receive: Receive, most: int) -> Receive:
    """Receive, counting: what a header claims is not what comes."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLarge
        return message

    return counting


def unkeepable(data: str | bytes, body: Mapping[str, Any]) -> bool:
    """Whether escapes make up a NUL or half a character: neither database nor wire could hold it."""
    raw = data.encode() if isinstance(data, str) else data
    if b"\\u" not in raw:
        return False
    text = json.dumps(body, ensure_ascii=False, default=str)
    return "\\u0000" in text or any("\ud800" <= sign <= "\udfff" for sign in text)


def media_type(header: str) -> str:
    """The type alone, without its parameters."""
    return header.partition(";")[0].strip().lower()


def languages(header: str) -> tuple[str, ...]:
    """The languages of an Accept-Language header, the most wanted first."""
    wanted = []
    for place, part in enumerate(header.split(",")[:LANGUAGES_MAX]):
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            wanted.append((-weight, place, tag.strip()))
    return tuple(tag for _, _, tag in sorted(wanted))
