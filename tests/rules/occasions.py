"""A gathering, two draws and a poll of the lab, for whoever needs documents that members take part in."""

from typing import Any


def words(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh-CN": zh}


DOCUMENTS: dict[str, dict[str, Any]] = {
    "gatherings/salon": {
        "title": words("Autumn salon", "秋日沙龙"),
        "description": words("An evening of tea", "品茶之夜"),
        "kind": "salon",
        "place": words("West Lake shop", "西湖店"),
        "starts": "2026-12-05T19:00",
        "ends": "2026-12-05T21:00",
        "seats": 3,
        "guests": 1,
        "sign_up": {
            "opens_at": "2026-12-01T10:00",
            "closes_at": "2026-12-05T12:00",
            "early": [{"hours": 48, "to": {"name": "member_tier", "operator": "at_least", "value": "gold"}}],
        },
        "cancel_until": "2026-12-05T12:00",
        "waiting_list": {"places": 2},
    },
    "draws/wheel": {
        "title": words("Lucky wheel", "幸运转盘"),
        "description": words("A turn a day", "每天转一次"),
        "kind": "instant",
        "entry": {"opens_at": "2026-12-01", "closes_at": "2026-12-10"},
        "tickets": {"per_day": 1},
        "prizes": [{"benefit": "pack", "count": 2, "odds": "0.25"}],
    },
    "draws/edition": {
        "title": words("Right to the limited edition", "限量版购买权"),
        "description": words("Drawn at the close", "截止后抽出"),
        "kind": "at_close",
        "entry": {"opens_at": "2026-12-01", "closes_at": "2026-12-10", "tags": ["collector"]},
        "tickets": {"free": 1, "points": 100},
        "prizes": [{"benefit": "pack", "count": 1}],
    },
    "polls/next-year": {
        "question": words("Which benefit next year?", "明年想要哪项权益？"),
        "options": {"tea": words("Tea", "茶"), "coffee": words("Coffee", "咖啡"), "cake": words("Cake", "蛋糕")},
        "voting": {"opens_at": "2026-12-01", "closes_at": "2026-12-10"},
        "choices": 2,
    },
}
