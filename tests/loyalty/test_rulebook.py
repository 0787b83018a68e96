"""Versions of a ruleset: which one decides, how the next one comes to, and what a publication may not change."""

import json
from datetime import timedelta
from typing import Any

import pytest

from loyalty import rulebook
from loyalty.access import Caller
from loyalty.publishing import create_programme, pause, publish
from loyalty.refusals import Forbidden, Malformed, Refused
from loyalty.rulebook import BEGINNING, Rulebook, documents, look
from models.codec import parse
from rules.documents import parse as parse_document
from rules.faults import Faulty
from tests.loyalty.conftest import ADMIN, START, Shop
from tests.loyalty.programme import FILES
from tests.loyalty.programme import documents as texts


def changed(path: str, **changes: Any) -> dict[str, str]:
    return texts(**{path.replace("/", "__"): FILES[path] | changes})


def budgeted(points: str) -> dict[str, str]:
    title = {"en": "November", "zh-CN": "十一月"}
    return changed("programme", budgets={"november": {"title": title, "points": points}})


async def left(shop: Shop) -> list[dict[str, Any]]:
    return await shop.house.db.rows('SELECT name, total, "left" FROM counters')


async def test_the_first_version_decides_from_the_beginning_of_time(shop):
    live = await shop.house.rulebook.programme(shop.house.db, "story")

    assert live.newest.live_from == BEGINNING
    assert live.at(START - timedelta(days=20_000)).number == 1


async def test_a_version_decides_from_its_moment_on_and_not_before(shop):
    edition = await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/base", priority=1))

    live = await shop.house.rulebook.programme(shop.house.db, "story")

    assert live.at(edition.live_from - timedelta(microseconds=1)).number == 1
    assert live.at(edition.live_from).number == 2
    assert (live.revision, live.newest.number) == (2, 2)


async def test_a_version_can_be_published_ahead(shop):
    now = (
        await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/base", priority=1))
    ).live_from
    later = now + timedelta(days=30)

    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/base", priority=2), live_from=later)

    live = await shop.house.rulebook.programme(shop.house.db, "story")
    assert live.at(later - timedelta(microseconds=1)).number == 2
    assert live.at(later).number == 3


async def test_a_version_cannot_decide_what_is_past(shop):
    with pytest.raises(Malformed, match="LIVE_FROM_PAST"):
        await publish(
            shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/base", priority=1), live_from=START
        )

    assert await shop.count("versions") == 1


async def test_the_same_documents_in_another_layout_are_no_new_version(shop):
    spread = {path: json.dumps(json.loads(text), indent=4, sort_keys=True) for path, text in texts().items()}

    edition = await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", spread)

    assert edition.number == 1
    assert await shop.count("versions") == 1
    assert await shop.count("audit", "action = 'rules.publish'") == 0


async def test_only_what_changed_is_stored_again(shop):
    before = await shop.count("documents")

    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/base", priority=1))

    assert await shop.count("documents") == before + 1
    assert (await documents(shop.house.db, 1, 2)).keys() == texts().keys()


@pytest.mark.parametrize(
    "broken",
    [
        texts() | {"earn/base": "{"},
        changed("earn/base", actions=[{"name": "__init__"}]),
        changed("earn/base", conditions={"all": []}),
        changed("earn/base", examples=[]),
    ],
    ids=["no JSON", "hostile action", "empty all", "no examples"],
)
async def test_faulty_documents_change_nothing(shop, broken):
    tables = ("versions", "documents", "audit", "version_entries")
    before = [await shop.count(table) for table in tables]

    with pytest.raises(Faulty) as raised:
        await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", broken)

    assert {fault.path for fault in raised.value.faults} == {"earn/base"}
    assert [await shop.count(table) for table in tables] == before


def with_stars(scale: int) -> dict[str, str]:
    stars = FILES["programme"]["wallets"]["growth"] | {"scale": scale}
    return changed("programme", wallets=FILES["programme"]["wallets"] | {"stars": stars})


@pytest.mark.parametrize(
    ("setting", "documents"),
    [
        ("zone", changed("programme", zone="Europe/London")),
        ("currency", changed("programme", currency="EUR")),
        ("wallets/stars/scale", with_stars(2)),
    ],
)
async def test_what_the_books_are_written_in_is_fixed_by_the_first_event(shop, setting, documents):
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", with_stars(0))
    await shop.enrol("lin")

    with pytest.raises(Refused, match="FIXED_SETTING") as raised:
        await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", documents)

    assert raised.value.params["setting"] == setting
    assert await shop.count("versions") == 2


async def test_before_the_first_event_everything_may_change(shop):
    edition = await publish(
        shop.house.db, shop.house.rulebook, ADMIN, "story", changed("programme", zone="Europe/London")
    )

    assert edition.ruleset.programme.zone == "Europe/London"


async def test_a_publication_is_in_the_audit_log_with_what_it_changed(shop):
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/base", priority=1), note="because")

    (row,) = await shop.house.db.rows("SELECT * FROM audit WHERE action = 'rules.publish'")
    assert (row["subject"], row["target"], row["note"], row["seal"]) == ("staff:admin", "version 2", "because", None)
    assert parse(row["after"]) == {"version": 2, "added": [], "changed": ["earn/base"], "removed": []}


async def test_a_pause_is_undone_by_a_resumption_and_both_are_told(shop):
    stopped = await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/base", note="a mistake")
    again = await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/base")
    resumed = await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/base", stop=False)

    assert stopped.paused == {"earn/base"}
    assert again.revision == stopped.revision
    assert (resumed.paused, resumed.revision) == (frozenset(), stopped.revision + 1)
    assert await shop.count("audit", "action IN ('rules.pause', 'rules.resume')") == 2


async def test_an_older_revision_is_recalled_as_it_was(shop):
    await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/base")
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", changed("earn/gold", priority=5))
    fresh = Rulebook()

    lives = [await fresh.recall(shop.house.db, 1, revision) for revision in (1, 2, 3)]

    assert [len(live.editions) for live in lives] == [1, 1, 2]
    assert [live.paused for live in lives] == [frozenset(), {"earn/base"}, {"earn/base"}]


async def test_one_look_learns_what_other_processes_published(shop):
    other = Rulebook()
    assert [live.revision for live in await look(shop.house.db, other)] == [1]
    await pause(shop.house.db, shop.house.rulebook, ADMIN, "story", "earn/base")

    news = await look(shop.house.db, other)

    assert [live.revision for live in news] == [2]
    assert await look(shop.house.db, other) == []
    assert (await other.programme(shop.house.db, "story")).paused == {"earn/base"}


async def test_a_budget_that_is_raised_keeps_what_was_taken(shop):
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", budgeted("500"))
    assert await left(shop) == [{"name": "budget:november", "total": 500, "left": 500}]
    await shop.house.db.run('UPDATE counters SET "left" = 100')

    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", budgeted("700"))
    raised = await left(shop)
    await publish(shop.house.db, shop.house.rulebook, ADMIN, "story", budgeted("300"))

    assert raised == [{"name": "budget:november", "total": 700, "left": 300}]
    assert await left(shop) == [{"name": "budget:november", "total": 400, "left": 0}]
    await shop.house.db.run("DELETE FROM counters")


async def test_two_programmes_cannot_have_one_name(shop):
    with pytest.raises(Refused, match="CONFLICT"):
        await create_programme(shop.house.db, shop.house.rulebook, ADMIN, "story", texts())

    assert await shop.count("programmes") == 1


async def test_a_publication_needs_its_scope(shop):
    reader = Caller("staff:reader", "story", frozenset({"rules:read", "rules:write"}))

    with pytest.raises(Forbidden) as raised:
        await publish(shop.house.db, shop.house.rulebook, reader, "story", texts())

    assert raised.value.params["needs"] == "rules:publish"


async def test_a_programme_nobody_founded_is_not_found(shop):
    with pytest.raises(Refused, match="NOT_FOUND"):
        await shop.house.rulebook.programme(shop.house.db, "nowhere")


async def test_of_too_many_revisions_the_one_not_used_for_longest_goes(shop, monkeypatch):
    monkeypatch.setattr("loyalty.rulebook.LIVES_MAX", 2)
    book = shop.house.rulebook
    await publish(shop.house.db, book, ADMIN, "story", changed("earn/base", priority=1))
    await book.recall(shop.house.db, 1, 1)
    assert book.known(1, 2) is not None  # Used again, though it came first.

    await publish(shop.house.db, book, ADMIN, "story", changed("earn/base", priority=2))

    assert [book.known(1, revision) is not None for revision in (1, 2, 3)] == [False, True, True]


async def test_documents_are_parsed_once_and_not_kept_for_ever(shop, monkeypatch):
    monkeypatch.setattr("loyalty.rulebook.DOCUMENTS_MAX", 4)
    parsed: list[str] = []

    def counted(path: str, text: str) -> Any:
        parsed.append(path)
        return parse_document(path, text)

    monkeypatch.setattr(rulebook, "parse", counted)
    fresh = Rulebook()
    await fresh.programme(shop.house.db, "story")
    assert sorted(parsed) == sorted(path.replace("__", "/") for path in texts())

    for priority in range(5):
        await publish(shop.house.db, fresh, ADMIN, "story", changed("earn/base", priority=priority))

    assert len(fresh._parsed) == 4
    assert (await fresh.programme(shop.house.db, "story")).newest.number == 6
