"""Stories as documents: steps that do one thing, in order of time, about what the programme has."""

from typing import Any

import pytest

import locales
from rules.check import check_folder
from tests.rules.lab import folder

TITLE = {"en": "Stories", "zh-CN": "情景"}


def told(*steps: Any, **more: Any) -> list[tuple[str, str]]:
    """The faults of a folder with one story of these steps: code and pointer."""
    document = {"title": TITLE, "stories": [{"id": "one", "steps": list(steps)}], **more}
    found = check_folder({**folder(), "stories/one": document})
    return [(fault.code, fault.pointer) for fault in found if fault.path == "stories/one"]


def test_a_story_that_names_what_there_is_has_no_fault():
    assert (
        told({"at": "2026-01-05", "enrol": True}, {"at": "2026-01-05T13:00", "then": {"balance": {"points": "0"}}})
        == []
    )


@pytest.mark.parametrize(
    ("step", "code", "pointer"),
    [
        ({"at": "2026-01-05", "enrol": True, "cancel": "A1"}, "EXACTLY_ONE", "/cancel"),
        ({"at": "2026-01-05"}, "FIELD_MISSING", ""),
        ({"at": "2026-01-05", "then": {"balance": {"gems": "1"}}}, "WALLET_UNKNOWN", "/then/balance/gems"),
        ({"at": "2026-01-05", "then": {"tier": {"nobility": "duke"}}}, "LADDER_UNKNOWN", "/then/tier/nobility"),
        ({"at": "2026-01-05", "redeem": {"benefit": "moon"}}, "BENEFIT_UNKNOWN", "/redeem/benefit"),
        ({"at": "someday", "enrol": True}, "BAD_DATE", "/at"),
        ({"at": "2026-01-05", "order": {"total": 12.5}}, "FLOAT", "/order/total"),
    ],
)
def test_a_step_that_cannot_be_played_is_a_fault(step: Any, code: str, pointer: str):
    assert told(step) == [(code, f"/stories/0/steps/0{pointer}")]


def test_steps_come_in_order_of_time():
    assert told({"at": "2026-01-05", "enrol": True}, {"at": "2026-01-05T11:59", "cancel": "A1"}) == [
        ("STEP_EARLIER", "/stories/0/steps/1/at")
    ]
    assert locales.text("fault.STEP_EARLIER", "zh-CN") == "步骤的时间早于上一步：请按时间先后书写。"


def test_two_stories_of_a_file_have_names_of_their_own():
    same = {"id": "one", "steps": [{"at": "2026-01-05", "enrol": True}]}

    assert told(stories=[same, same]) == [("NAME_TAKEN", "/stories/1/id")]
