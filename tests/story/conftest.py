"""A shop with customers: the demo programme behind the real door, and a clock that the story moves."""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from api.app import create_app
from loyalty import keys
from loyalty.access import Caller, scopes_of
from loyalty.house import House
from loyalty.keys import Grant
from loyalty.publishing import create_programme
from loyalty.rulebook import Live
from loyalty.seals import Secrets
from rules.files import read_folder
from settings import Settings
from tests.story import documents as says

SECRET = "a secret of the tests, which is long enough"
DEMO = Path(__file__).resolve().parents[2] / "rules" / "programmes" / "demo"
MORNING = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)  # Ten o'clock on a Monday, where the programme lives.
ADMIN = Caller("staff:tests", "demo", scopes_of(["admin"]))


class Clock:
    """What time it is, as long as nobody moves it."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Answer:
    """A payload, as stories look at it."""

    payload: dict[str, Any] | None
    errors: list[dict[str, Any]]

    @property
    def receipt(self) -> Any:
        return (self.payload or {})["receipt"]

    @property
    def state(self) -> str | None:
        receipt = (self.payload or {}).get("receipt")
        return receipt["state"] if receipt else None

    @property
    def problem(self) -> dict[str, Any]:
        (problem,) = (self.payload or {}).get("userErrors") or self.errors
        return problem

    @property
    def code(self) -> str | None:
        problems = (self.payload or {}).get("userErrors") or self.errors
        return (problems[0].get("code") or problems[0]["extensions"]["code"]) if problems else None

    @property
    def replayed(self) -> bool:
        return bool((self.payload or {})["replayed"])


@dataclass
class Shop:
    """Everything a story does, it does over HTTP."""

    house: House
    live: Live
    clock: Clock
    client: httpx2.AsyncClient
    tokens: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def post(self, document: str, variables: Any = None, *, token: str = "service", lang: str = "en") -> Any:
        """What the door answers to a document."""
        headers = {"accept-language": lang}
        if token:
            headers["authorization"] = f"Bearer {self.tokens.get(token, token)}"
        body = {"query": document, "variables": variables or {}}
        return await self.client.post("/graphql", json=body, headers=headers)

    async def ask(self, document: str, variables: Any = None, *, token: str = "service", lang: str = "en") -> Any:
        """The data of an answer that has no errors."""
        answer = (await self.post(document, variables, token=token, lang=lang)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def do(self, document: str, given: dict[str, Any], *, token: str = "service", lang: str = "en") -> Answer:
        """The payload of a mutation."""
        answer = (await self.post(document, {"input": given}, token=token, lang=lang)).json()
        data = answer.get("data") or {}
        return Answer(next(iter(data.values()), None), answer.get("errors", []))

    def key(self) -> str:
        """A key nobody has used."""
        return f"key-{next(self.numbers)}"

    def iso(self, at: datetime | None = None) -> str:
        """A moment as GraphQL writes it."""
        return (at or self.clock.now).isoformat()

    async def enrol(self, name: str, **more: Any) -> Answer:
        """Somebody registers, under a customer number of that name."""
        given = {
            "idempotencyKey": self.key(),
            "identities": [{"kind": "external", "value": name}],
            "occurredAt": self.iso(),
            **more,
        }
        answer = await self.do(says.ENROL, given)
        if answer.state == "ACCEPTED":
            self.tokens[name] = await self.token_of(name)
        return answer

    async def order(self, name: str | None, total: int = 30000, *, token: str = "service", **more: Any) -> Answer:
        """Somebody buys; the total is in fen."""
        given = {
            "idempotencyKey": self.key(),
            "number": f"order-{next(self.numbers)}",
            "occurredAt": self.iso(),
            "currency": "CNY",
            "total": f"{total // 100}.{total % 100:02d}",
            **({"member": named(name)} if name else {}),
            **more,
        }
        return await self.do(says.ORDER, given, token=token)

    async def give_back(self, number: str, *, token: str = "service", **more: Any) -> Answer:
        """Goods of an order come back."""
        given = {
            "idempotencyKey": self.key(),
            "number": number,
            "returnNumber": f"return-{next(self.numbers)}",
            "occurredAt": self.iso(),
            **more,
        }
        return await self.do(says.RETURN, given, token=token)

    async def redeem(self, name: str, benefit: str = "coupon-10", *, lang: str = "en", **more: Any) -> Answer:
        """Somebody redeems, with a token of their own."""
        given = {"idempotencyKey": self.key(), "benefit": benefit, **more}
        return await self.do(says.REDEEM, given, token=name, lang=lang)

    async def member(self, name: str, *, lang: str = "en") -> Any:
        """All a member sees of itself."""
        return (await self.ask(says.ME, token=name, lang=lang))["me"]

    async def balance(self, name: str) -> Any:
        """What can be spent."""
        return (await self.member(name))["points"]["balance"]

    async def pending(self, name: str) -> Any:
        """What will be."""
        return (await self.member(name))["points"]["pending"]

    async def token_of(self, name: str, *, hours: int = 24 * 800) -> str:
        """A token of a member."""
        found = await self.house.db.rows(
            "SELECT member_id FROM identities WHERE hash = $1",
            self.house.secrets.identity_hash(self.live.programme_id, "external", name),
        )
        now = self.clock.now
        return keys.member_token(
            self.house.secrets,
            self.live,
            found[0]["member_id"],
            token_id=f"token-{name}",
            now=now,
            expires_at=now + timedelta(hours=hours),
        )

    async def let_in(self, token: str, grant: Grant) -> None:
        """Make a key, and keep it under a name."""
        chance = bytes([next(self.numbers) % 256]) * keys.CHANCE_BYTES
        made = await keys.issue(
            self.house.db, self.house.secrets, ADMIN, self.live, grant, chance=chance, now=self.clock.now
        )
        self.tokens[token] = made[1]

    async def rows(self) -> dict[str, int]:
        """How many rows every table has."""
        from models.table import TABLES

        counts = {}
        for table in TABLES:
            counts[table] = (await self.house.db.rows(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"]
        return counts


def named(name: str) -> dict[str, Any]:
    """A member by its customer number."""
    return {"identity": {"kind": "external", "value": name}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def house(db):
    house = House(db, Secrets.from_text(SECRET), token_bytes)
    yield house
    await asyncio.gather(*house.tasks)


@pytest.fixture
def texts() -> dict[str, str]:
    """The programme the story is told of: the demo's documents, by path."""
    return {path: text for path, (text, _) in read_folder(DEMO).items()}


@pytest_asyncio.fixture
async def shop(house, clock, texts):
    live = await create_programme(house.db, house.rulebook, ADMIN, "demo", texts, now=clock.now - timedelta(days=1))
    app = create_app(Settings(secret=SECRET), house=house, clock=clock)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://shop") as client:
        shop = Shop(house, live, clock, client)
        shops = ("main", "tmall", "store")
        await shop.let_in("service", Grant("client:till", scopes_of(["service"]), shops))
        await shop.let_in("marketer", Grant("staff:mei", scopes_of(["marketer"])))
        await shop.let_in("staff", Grant("staff:wei", scopes_of(["staff"])))
        await shop.let_in("admin", Grant("staff:root", scopes_of(["admin"])))
        coffee = Grant("partner:coffee-house", scopes_of(["partner"]), ("coffee-house",), partner="coffee-house")
        await shop.let_in("partner", coffee)
        yield shop


@pytest_asyncio.fixture
async def lin(shop):
    """A member since yesterday."""
    await shop.enrol("lin")
    shop.clock.wait(days=1)
    return "lin"
