"""Documents for stories about earning, prices and uses: what a story does not change is as in `programme`."""

from typing import Any

from models.database import Database
from tests.loyalty.conftest import Shop, shop_of
from tests.loyalty.programme import FILES, documents

Document = dict[str, Any]
WALLET = FILES["programme"]["wallets"]["points"]
NOW: Document = {"pending": {"days": 0}}


def text(en: str) -> Document:
    return {"en": en, "zh-CN": f"中{en}"}


def programme(**changes: Any) -> Document:
    """Points that can be spent at once."""
    own = FILES["programme"]
    return {**own, "wallets": {**own["wallets"], "points": {**WALLET, **NOW}}, **changes}


def policy(on: str, *actions: tuple[str, Document], examples: list[Document] | None = None, **more: Any) -> Document:
    """A policy that has no condition unless one is given; its examples are the caller's."""
    wishes = [{"name": name, "params": params} for name, params in actions]
    return {"title": text(on), "on": [on], "actions": wishes, "examples": examples or [], **more}


def earns(given: Document, points: int, *actions: tuple[str, Document], nothing: Document, **more: Any) -> Document:
    """A policy on orders, with what it earns in one case and that it earns nothing in another."""
    lines = {"lines": more.pop("lines")} if "lines" in more else {}
    then = more.pop("then", None) or [{"earn": "points", "points": points}]
    cases = [{"given": given, "then": then, **lines}, {"given": nothing, "then": []}]
    return policy(more.pop("on", "order.paid"), *actions, examples=cases, **more)


def sells(action: str, then: list[Document], given: Document | None = None, **params: Any) -> Document:
    """A policy that sells one benefit."""
    asked = {"redeem_benefit": params["benefit"], **(given or {})}
    cases: list[Document] = [{"given": asked, "then": then}, {"given": {"redeem_benefit": "gold-pack"}, "then": []}]
    return policy("points.redeem", (action, params), examples=cases)


def benefit(kind: str = "amount_off", **more: Any) -> Document:
    value = {"value": "10.00"} if kind == "amount_off" and "value" not in more else {}
    return {"title": text(kind), "description": text(kind), "kind": kind, **value, **more}


async def opened(db: Database, **changes: Any) -> Shop:
    """A shop with nothing to earn but what the story says."""
    bare = dict.fromkeys(("earn__base", "earn__gold", "redeem__coupon_10", "campaigns__gold_pack"))
    return await shop_of(db, documents(**{"programme": programme(), **bare, **changes}))
