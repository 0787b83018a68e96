"""A programme of metrics: one of every form, over every window; a policy names them, so each decision keeps them."""

from typing import Any

from models.codec import parse
from tests.loyalty.conftest import Shop
from tests.loyalty.programme import FILES

EVER: dict[str, Any] = {"ever": True}


def text(en: str) -> dict[str, str]:
    return {"en": en, "zh-CN": en}


def asks(name: str, operator: str, *value: Any) -> dict[str, Any]:
    return {"name": name, "operator": operator} | ({"value": value[0]} if value else {})


ACME = asks("line_brand", "equal_to", "acme")
BIG = asks("order_net", "greater_than_or_equal_to", "100.00")
ONLINE = asks("order_channel", "equal_to", "web")
RUN = {"type": "run.done"}

METRICS: dict[str, dict[str, Any]] = {
    # What the days know.
    "orders_ever": {"count": "orders", "over": EVER},
    "orders_2m": {"count": "orders", "over": {"months": 2}},
    "spend_last_month": {"sum": "spend", "over": {"calendar": "month", "back": 1}},
    "spend_3_quarters": {"sum": "spend", "over": {"calendar": "quarter", "count": 3}},
    "spend_half": {"sum": "spend", "over": {"calendar": "half_year"}},
    "spend_joined": {"sum": "spend", "over": {"since": "joined"}},
    "earned_90d": {"sum": "earned", "over": {"days": 90}},
    "best_day": {"max": "earned", "over": EVER},
    "worst_day": {"min": "earned", "over": EVER},
    "months_ever": {"count": "months", "over": EVER},
    "days_ever": {"distinct": "day", "over": EVER},
    "months_running": {"streak": {"of": "orders", "period": "month"}},
    "weeks_running": {"streak": {"of": "orders", "period": "week", "most": 8}},
    "runs_running": {"streak": {"of": "events", "period": "day"}, **RUN},
    "runs_30d": {"count": "events", **RUN, "over": {"days": 30}},
    # What has to be read one by one.
    "big_orders_60d": {"count": "orders", "where": BIG, "over": {"days": 60}},
    "acme_orders": {"count": "orders", "where": {"any_line": ACME}, "over": EVER},
    "web_spend_40d": {"sum": "spend", "where": ONLINE, "over": {"days": 40}},
    "lines_ever": {"count": "lines", "over": EVER},
    "acme_lines": {"count": "lines", "where": ACME, "over": EVER},
    "units_30d": {"count": "units", "over": {"days": 30}},
    "acme_units": {"sum": "units", "where": ACME, "over": EVER},
    "acme_amount": {"sum": "amount", "where": {"all": [ACME, ONLINE]}, "over": {"months": 3}},
    "largest": {"max": "spend", "over": EVER},
    "smallest_45d": {"min": "spend", "over": {"days": 45}},
    "most_of_one": {"max": "units", "over": EVER},
    "skus": {"distinct": "sku", "over": EVER},
    "brands": {"distinct": "brand", "over": EVER},
    "tags": {"distinct": "tag", "over": EVER},
    "stores": {"distinct": "store", "over": EVER},
    "channels_60d": {"distinct": "channel", "over": {"days": 60}},
    "categories_big": {"distinct": "category", "where": asks("line_amount", "greater_than", "10.00"), "over": EVER},
    "weekend_orders": {"count": "orders", "where": asks("weekday", "one_of", ["sat", "sun"]), "over": EVER},
    "big_months": {"count": "months", "where": BIG, "over": EVER},
    "big_running": {"streak": {"of": "orders", "period": "month"}, "where": BIG},
    "km_ever": {"sum": "field", "field": "km", **RUN, "over": EVER},
    "km_longest": {"max": "field", "field": "km", **RUN, "over": {"days": 60}},
    "paid_for_runs": {"sum": "field", "field": "fee", **RUN, "over": EVER},
    "long_runs": {"count": "events", **RUN, "where": asks("payload_km", "greater_than", "9.5"), "over": EVER},
    "places": {"distinct": "field", "field": "place", **RUN, "over": EVER},
    "run_months": {"count": "months", **RUN, "where": asks("payload_km", "is_set"), "over": EVER},
    # Since the last change of tier.
    "spend_own_year": {"sum": "spend", "over": {"anniversary": "joined"}},
    "big_own_year_before": {"count": "orders", "where": BIG, "over": {"anniversary": "joined", "back": 1}},
    "spend_tier_year": {"sum": "spend", "over": {"anniversary": "tier"}},
    "spend_tier": {"sum": "spend", "over": {"since": "tier"}},
    "orders_tier": {"count": "orders", "over": {"since": "tier"}},
    "earned_tier": {"sum": "earned", "over": {"since": "tier"}},
}
NAMED = {"any": [asks(name, "is_set") for name in METRICS]}
PROGRAMME: dict[str, Any] = {
    **FILES["programme"],
    "metrics": FILES["programme"]["metrics"] | {name: {"title": text(name), **own} for name, own in METRICS.items()},
    "event_types": {
        "run.done": {
            "title": text("Run"),
            "schema": {
                "type": "object",
                "properties": {
                    "km": {"type": "number"},
                    "fee": {"type": "string", "format": "money"},
                    "place": {"type": "string"},
                    "at": {"type": "string", "format": "time"},
                    "took": {"type": "string", "format": "duration"},
                    "begun": {"type": "string", "format": "date-time"},
                    "bought": {"type": "string", "format": "date"},
                },
                "required": [],
                "additionalProperties": False,
            },
        },
    },
}
RUNS = [asks("payload_km", "is_set"), asks("payload_took", "is_set"), asks("payload_begun_ago", "is_set")]
COUNTED: dict[str, Any] = {
    "programme": PROGRAMME,
    "earn__review": None,
    "earn__counted": {
        "title": text("Counted"),
        "on": ["order.paid", "run.done"],
        "conditions": NAMED,
        "actions": [{"name": "send_message", "params": {"template": "counted"}}],
        "examples": [
            {"given": {"orders_ever": 1}, "then": [{"send": "counted"}]},
            {"given": {}, "then": []},
        ],
    },
}


async def figures(shop: Shop, event_id: int | None, kind: str = "order.paid") -> dict[str, Any]:
    """What the decision on an event read of the metrics."""
    sql = "SELECT read FROM decisions WHERE event_id = $1 AND kind = $2"
    rows = await shop.house.db.rows(sql, event_id, kind)
    read: dict[str, Any] = parse(rows[0]["read"])["facts"]
    return {name: value for name, value in read.items() if name in METRICS}
