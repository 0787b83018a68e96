"""A programme with something of everything: ladders, caps, a budget, stock, steps, points that convert themselves."""

import json
from functools import cache
from typing import Any

from loyalty.rulebook import BEGINNING, Edition, Live
from rules.compile import compile_ruleset
from tests.loyalty.programme import FILES, documents
from tests.property import dated

BUDGET = 2_000
STOCK = 12
PER_MEMBER = 4
GIFTS = 30


def _text(en: str) -> dict[str, str]:
    return {"en": en, "zh-CN": en}


def _policy(
    kind: str,
    name: str,
    params: dict[str, Any],
    examples: tuple[dict[str, Any], dict[str, Any]],
    condition: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A policy of one action, with one example that fires and one that does not."""
    conditions = {"conditions": condition} if condition else {}
    fires, quiet = examples
    told = [fires, quiet | {"then": []}]
    return {"title": _text(name), "on": [kind], "actions": [{"name": name, "params": params}], "examples": told} | (
        conditions | more
    )


def _example(*then: dict[str, Any], lines: tuple[dict[str, Any], ...] = (), **given: Any) -> dict[str, Any]:
    return {"given": given, "then": list(then)} | ({"lines": list(lines)} if lines else {})


def _rating(stars: int) -> dict[str, Any]:
    return {"name": "payload_rating", "operator": "equal_to", "value": stars}


def _rated(stars: int, then: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return _example(then, payload_rating=stars), _example(payload_rating=5)


def _benefit(kind: str, **more: Any) -> dict[str, Any]:
    return {"title": _text(kind), "description": _text(kind), "kind": kind, **more}


PROGRAMME = FILES["programme"] | {
    "wallets": FILES["programme"]["wallets"]
    | {
        "stars": {"title": _text("Stars"), "unit": _text("stars"), "expires": {"after": {"days": 60}}},
        # Miles die of inactivity, later for those who stand higher.
        "miles": {
            "title": _text("Miles"),
            "unit": _text("miles"),
            "expires": {
                "by_tier": {
                    "levels": {"gold": {"inactive": {"after": {"months": 3}}}},
                    "otherwise": {"inactive": {"after": {"days": 45}}},
                }
            },
        },
    },
    "metrics": FILES["programme"]["metrics"]
    | {
        "orders_30d": {"title": _text("Orders"), "count": "orders", "over": {"days": 30}},
        "spend_year": {"title": _text("Spend"), "sum": "spend", "over": {"calendar": "year"}},
    },
    "budgets": {"spring": {"title": _text("Spring"), "points": str(BUDGET)}},
}

LAYER = {
    "title": _text("Layer"),
    "levels": [
        {"key": "base", "title": _text("Base")},
        {
            "key": "core",
            "title": _text("Core"),
            "reach": {"name": "orders_30d", "operator": "greater_than_or_equal_to", "value": "2"},
        },
        {
            "key": "inner",
            "title": _text("Inner"),
            "reach": {"name": "spend_year", "operator": "greater_than_or_equal_to", "value": "2000.00"},
        },
    ],
    "review": {"every": "month"},
    "demotion": {"to": "met"},
}

RICH: dict[str, Any] = {
    "programme": PROGRAMME,
    "tiers/layer": LAYER,
    "benefits/gold-pack": _benefit("gift_pack", stock=GIFTS, per_member=2, valid={"days": 40}),
    "benefits/star-gift": _benefit("gift", valid={"months": 2}),
    "benefits/tea": _benefit(
        "gift",
        claim=True,
        stock=STOCK,
        supply={"lead_days": 2, "low_stock": 3},
        valid={"end_of": "month"},
        use={"combinable": False},
        quotas=[
            {"most": 2, "of": "member", "per": "week"},
            {"most": 6, "of": "all", "from": "2026-03-01", "until": "2026-06-01"},
        ],
        promo_codes=[{"code": "Hello", "uses": 5, "per_member": 2}],
    ),
    "benefits/voucher": _benefit("amount_off", stock=STOCK, per_member=PER_MEMBER, valid={"days": 20}),
    # A budget all members share, and a cap of one's own.
    "earn/spring": _policy(
        "order.paid",
        "earn_points_per_amount",
        {"points": "1", "per": "2.00", "base": "order_net", "rounding": "floor_order"},
        (_example({"earn": "points", "points": 50}, order_net="100.00"), _example(order_net="1.00")),
        limits={"budget": "spring", "points_per_member_per_month": 300},
    ),
    # By line, of which the better one is heard.
    "earn/acme": _policy(
        "order.paid",
        "earn_points_per_amount",
        {"points": "1", "per": "3.00", "base": "line_amount", "rounding": "floor_line", "pending": {"days": 3}},
        (
            _example(
                {"earn": "points", "line": 0, "points": 10}, lines=({"line_brand": "acme", "line_amount": "30.00"},)
            ),
            _example(lines=({"line_brand": "other", "line_amount": "30.00"},)),
        ),
        {"name": "line_brand", "operator": "equal_to", "value": "acme"},
        scope="line",
        stacking={"group": "brand", "mode": "best"},
    ),
    "earn/many": _policy(
        "order.paid",
        "earn_points",
        {"points": "40", "pending": {"days": 0}, "expires": {"first_of_month_after": 2}},
        (_example({"earn": "points", "points": 40}, order_quantity=3), _example(order_quantity=2)),
        {"name": "order_quantity", "operator": "greater_than_or_equal_to", "value": 3},
        stacking={"group": "brand", "mode": "best"},
        limits={"times_per_member_per_week": 2},
    ),
    "earn/stars": _policy(
        "review.written",
        "earn_points",
        {"points": "20", "wallet": "stars"},
        (_example({"earn": "stars", "points": 20}, payload_rating=3), _example(payload_rating=2)),
        {"name": "payload_rating", "operator": "greater_than", "value": 2},
    ),
    # What becomes available converts itself, and brings a little more growth: follow-ups of what falls due.
    "campaigns/stars": _policy(
        "points.available",
        "convert_points",
        {"points": "50", "wallet": "stars", "benefit": "star-gift"},
        (
            _example({"convert": "stars", "points": 50, "issue": "star-gift"}, balance_stars="60"),
            _example(balance_stars="40"),
        ),
    ),
    "campaigns/thanks": _policy(
        "points.available",
        "earn_points",
        {"points": "5", "wallet": "growth"},
        (_example({"earn": "growth", "points": 5}, orders_30d=2), _example(orders_30d=1)),
        {"name": "orders_30d", "operator": "greater_than_or_equal_to", "value": "2"},
        limits={"points_per_member_per_month": 12},
    ),
    "redeem/voucher": _policy(
        "points.redeem",
        "price_stepped",
        {
            "benefit": "voucher",
            "steps": [{"points": "60", "value": "5.00"}, {"points": "200", "value": "20.00"}],
        },
        (
            _example(
                {"price": "voucher", "points": 60, "value": "5.00"},
                redeem_benefit="voucher",
                redeem_value="5.00",
            ),
            _example(redeem_benefit="coupon-10"),
        ),
    ),
    # What is left of a mile is kept for the next; some wait for an event, some policies end or redate them.
    "earn/miles": _policy(
        "order.paid",
        "earn_points_per_amount",
        {"points": "1", "per": "70.00", "base": "order_net", "rounding": "carry", "wallet": "miles"},
        (_example({"earn": "miles", "points": 2}, order_net="140.00"), _example(order_net="69.00")),
    ),
    "earn/waiting": _policy(
        "profile.completed",
        "earn_points",
        {"points": "9", "wallet": "miles", "pending": {"open": True}},
        (_example({"earn": "miles", "points": 9}, month=5), _example(month=1)),
        {"name": "month", "operator": "greater_than", "value": 1},
    ),
    "earn/season": _policy(
        "review.written",
        "earn_points",
        {
            "points": "3",
            "pending": {"first_of_month_after": 1},
            "expires": {"yearly": {"month": 3, "day": "last", "after": 1}},
        },
        _rated(4, {"earn": "points", "points": 3}),
        _rating(4),
    ),
    "campaigns/free": _policy(
        "review.written", "mature_points", {"wallet": "miles"}, _rated(2, {"mature": "miles"}), _rating(2)
    ),
    "campaigns/redate": _policy(
        "review.written", "redate_points", {"wallet": "miles"}, _rated(3, {"redate": "miles"}), _rating(3)
    ),
    "campaigns/cut": _policy(
        "review.written",
        "expire_points",
        {"wallet": "miles", "keep": "4"},
        _rated(1, {"expire": "miles", "keep": 4}),
        _rating(1),
    ),
    "benefits/flight": _benefit("service"),
    "redeem/flight": _policy(
        "points.redeem",
        "price_fixed",
        {"benefit": "flight", "points": "5", "wallet": "miles"},
        (
            _example({"price": "flight", "points": 5}, redeem_benefit="flight"),
            _example(redeem_benefit="voucher"),
        ),
    ),
    # Spent and held from the wallet that converts itself.
    "benefits/badge": _benefit("badge"),
    "redeem/badge": _policy(
        "points.redeem",
        "price_fixed",
        {"benefit": "badge", "points": "30", "wallet": "stars"},
        (
            _example({"price": "badge", "points": 30}, redeem_benefit="badge"),
            _example(redeem_benefit="voucher"),
        ),
    ),
    "redeem/small-basket": _policy(
        "points.redeem",
        "refuse",
        {"text": _text("Too small")},
        (_example({"refuse": True}, redeem_basket="1.00"), _example(redeem_basket="2.00")),
        {"name": "redeem_basket", "operator": "equal_to", "value": "1.00"},
    ),
    **dated.DOCUMENTS,
}


FOLLOWING: frozenset[str] = frozenset({"campaigns/stars", "campaigns/thanks"}) | dated.FOLLOWING


def rich_documents() -> dict[str, str]:
    """The programme's documents by path."""
    return documents() | {path: json.dumps(value, ensure_ascii=False) for path, value in RICH.items()}


def unshared_documents() -> dict[str, str]:
    """The same without what members share: nobody's books then hang on who came first."""
    own = {path: dict(json.loads(text)) for path, text in rich_documents().items()}
    for benefit in ("benefits/gold-pack", "benefits/voucher"):
        del own[benefit]["stock"]
    del own["earn/spring"]["limits"]["budget"]
    return {path: json.dumps(value, ensure_ascii=False) for path, value in own.items()}


@cache
def rich_live(without: frozenset[str] = frozenset()) -> Live:
    """The programme, compiled: one edition, live from the beginning; without some of its documents."""
    files = {path: json.loads(text) for path, text in rich_documents().items() if path not in without}
    return Live(1, "story", 1, (Edition(1, BEGINNING, compile_ruleset(files)),), frozenset())
