"""One example of everything that can be written: a question to each variable, and each action with its parameters.

Editors offer them to begin with; each is sound for the programme it is made for, wherever that has what is named.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rules import exact, moments
from rules.facts import Variable
from rules.rule import Definitions

Data = dict[str, Any]
ASKED = ("greater_than_or_equal_to", "at_least", "contains_any", "equal_to", "on_or_after", "is_true", "is_set")
WRITTEN: Mapping[str, Any] = {
    "number": 3, "text": "A1", "set": "A1", "choice": "A1", "weekday": "sat", "date": "2026-11-01",
    "moment": "2026-11-01T20:00:00+08:00", "time": "18:00", "duration": "30d",
}  # fmt: skip
STEPS = [{"from": "100.00", "points": 10}, {"from": "300.00", "points": 50}]


def question(one: Variable) -> Data:
    """A question to a variable."""
    row = next((one.kind.operators[name] for name in ASKED if name in one.kind.operators), None)
    row = row or next(iter(one.kind.operators.values()))
    if row.input == "none":
        return {"name": one.name, "operator": row.name}
    value = written(one)
    return {"name": one.name, "operator": row.name, "value": [value] if row.input in {"many", "range"} else value}


def written(one: Variable) -> Any:
    """A value as a document writes it."""
    if one.options:
        return one.options[-1]
    if one.type == "money":
        return exact.text(100 * 10**one.scale, one.scale)
    if one.type == "points":
        return 100
    value = WRITTEN.get(one.type)
    return min(max(value, one.least or 0), one.most or value) if isinstance(value, int) else value


def action(name: str, definitions: Definitions) -> Data | None:
    """An action with parameters; None where the programme has nothing to name, or nobody has thought of one."""
    made = ACTIONS.get(name)
    params = made(definitions) if made is not None else None
    return None if params is None else {"name": name} | ({"params": params} if params else {})


def when(kind: str) -> Data | None:
    """When the clock asks a policy on this kind; None where it does not."""
    return None if kind not in MOMENTS else dict(MOMENTS[kind])


def of_benefit(**more: Any) -> Callable[[Definitions], Data | None]:
    """Parameters that name the first benefit there is."""
    return lambda own: {"benefit": min(own.benefits), **more} if own.benefits else None


def upgraded(own: Definitions) -> Data | None:
    """One benefit for another."""
    keys = sorted(own.benefits)
    return {"from": keys[0], "to": keys[1]} if len(keys) > 1 else None


def chosen(own: Definitions) -> Data | None:
    """A benefit by the level, where there are levels."""
    if own.programme.ladder is None or not own.benefits:
        return None
    levels, keys = own.standards[own.programme.ladder].ladder.levels, sorted(own.benefits)
    rows = [{"value": levels[-1].key, "benefit": keys[-1]}]
    return {"by": "member_tier", "choices": rows, "otherwise": keys[0]}


def on_ladder(**more: Any) -> Callable[[Definitions], Data | None]:
    """Parameters for the main ladder."""
    return lambda own: dict(more) if own.programme.ladder is not None else None


def in_segment(own: Definitions) -> Data | None:
    """A segment that members are put into."""
    keys = [key for key, one in sorted(own.segments.items()) if one.condition is None and one.members is None]
    return {"segment": keys[0]} if keys else None


def extended(own: Definitions) -> Data | None:
    """More time on a level that has an end."""
    ladder = own.standards[own.programme.ladder].ladder if own.programme.ladder is not None else None
    ends = ladder is not None and (ladder.status or any(level.status for level in ladder.levels))
    return {"by": {"months": 3}} if ends else None


def moved(own: Definitions) -> Data | None:
    """A move to the highest level."""
    main = own.programme.ladder
    return {"to": own.standards[main].ladder.levels[-1].key} if main is not None else None


def tabled(own: Definitions) -> Data:
    """A rate by the means of payment."""
    return {"by": "order_payment", "table": {"card": "2"}, "otherwise": "1", "per": "1.00", "base": "order_paid"}


MOMENTS: Mapping[str, Data] = {
    moments.BIRTHDAY: {"of": "month", "days_before": 3},
    moments.ANNIVERSARY: {"date": moments.JOINED, "at": "09:00"},
    moments.FESTIVAL: {"festival": "mid-autumn", "days_before": 7},
    moments.INACTIVE: {"after": {"days": 90}},
    moments.PERIOD: {"every": "month", "day": 1},
    moments.POINTS_ENDING: {"days_before": 30},
    moments.BENEFIT_ENDING: {"days_before": 7},
}
RATE = {"points": "1", "per": "1.00", "base": "order_paid", "rounding": "floor_order"}
ACTIONS: Mapping[str, Callable[[Definitions], Data | None]] = {
    "earn_points": lambda own: {"points": 100},
    "earn_points_per_amount": lambda own: dict(RATE),
    "earn_points_per_unit": lambda own: {"points": 5, "per": 1, "base": "order_quantity"},
    "earn_points_by_steps": lambda own: {"of": "order_paid", "steps": STEPS, "mode": "award"},
    "earn_points_by_table": tabled,
    "multiply_points": lambda own: {"factor": "2"},
    "convert_points": of_benefit(points=100),
    "expire_points": lambda own: {"keep": 100},
    "redate_points": lambda own: {},
    "mature_points": lambda own: {},
    "price_fixed": of_benefit(points=1000),
    "price_stepped": of_benefit(steps=[{"points": 500, "value": "5.00"}, {"points": 900, "value": "10.00"}]),
    "price_rate": of_benefit(points=100, per="1.00", least="5.00", most="50.00"),
    "issue_benefit": of_benefit(count=1),
    "issue_benefit_by_choice": chosen,
    "revoke_benefit": of_benefit(all=True),
    "upgrade_benefit": upgraded,
    "refuse": lambda own: {"text": {"en": "Not today.", "zh-CN": "今日不可。"}},
    "enrol": lambda own: {},
    "send_message": lambda own: {"template": "welcome", "params": {"gift": "a coffee"}},
    "move_tier": moved,
    "protect_tier": on_ladder(**{"for": {"months": 3}}),
    "extend_tier": extended,
    "join_segment": in_segment,
    "leave_segment": in_segment,
    "add_tag": lambda own: {"tag": "loves-tea"},
    "remove_tag": lambda own: {"tag": "loves-tea"},
    "freeze_wallet": lambda own: {"wallet": own.programme.main_wallet},
    "raise_alert": lambda own: {"severity": "warning", "text": {"en": "Look at this.", "zh-CN": "请查看。"}},
}
