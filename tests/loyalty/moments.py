"""Policies that the clock asks, for stories about them."""

from typing import Any

from tests.loyalty.programme import FILES, _text

Document = dict[str, Any]
COUPON = ("issue_benefit", {"benefit": "coupon-10"})
MESSAGE = ("send_message", {"template": "hello"})
DONE = {"issue_benefit": {"issue": "coupon-10"}, "send_message": {"send": "hello"}}


def asked(kind: str, action: tuple[str, Any] = COUPON, **when: Any) -> Document:
    """A policy of a moment, for everybody."""
    more: Document = {
        key: when.pop(key) for key in ("conditions", "limits", "audience", "valid", "examples") if key in when
    }
    name, params = action
    fires = {"given": {}, "then": [DONE.get(name, {})]}
    return {
        "title": _text("Asked by the clock", "定时规则"),
        "on": [f"clock.{kind}"],
        **({"when": when} if when else {}),
        "actions": [{"name": name, "params": params}],
        "examples": [fires, {"on": "order.paid", "given": {}, "then": []}],
        **more,
    }


def programme(**changes: Any) -> Document:
    """`programme.json` with some fields otherwise."""
    return {**FILES["programme"], **changes}
