"""What is said of members: changed through the one door, read by policies, replayed, taken back with the order."""

from typing import Any

import pytest
import pytest_asyncio

from loyalty.access import Caller
from loyalty.events import MemberChanged
from loyalty.intake import keys_of
from loyalty.replay import replay_member
from models.codec import parse
from models.members import TraitMove, Traits
from rules.audience import Who
from tests.loyalty.conftest import Shop, ref, shop_of
from tests.loyalty.programme import FILES, documents


def words(en: str) -> dict[str, str]:
    return {"en": en, "zh-CN": f"中{en}"}


def policy(*actions: tuple[str, dict[str, Any]], on: str = "order.paid", **more: Any) -> dict[str, Any]:
    """A policy with an example that fires and one that does not (on an event it does not listen to)."""
    then = more.pop("then")
    named = [{"name": name, "params": params} for name, params in actions]
    examples = [
        {"given": more.pop("given", {}), "then": then},
        {"on": more.pop("elsewhere", "member.enrolled"), "given": {}, "then": []},
    ]
    return {"title": words("Policy"), "on": [on], "actions": named, "examples": examples, **more}


def gives(points: int, on: str = "order.paid", **more: Any) -> dict[str, Any]:
    return policy(
        ("earn_points", {"points": points, "pending": {"days": 0}}),
        on=on,
        then=[{"earn": "points", "points": points}],
        **more,
    )


def asks(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"name": name, "operator": operator, "value": value}


PROGRAMME = {
    **FILES["programme"],
    "attributes": {
        "schema": {
            "type": "object",
            "properties": {
                "skin": {"type": "string", "enum": ["dry", "oily"]},
                "pets": {"type": "integer", "minimum": 0},
                "since": {"type": "string", "format": "date"},
            },
        }
    },
    "consents": ["marketing", "profiling"],
}
STORY: dict[str, Any] = {
    "programme": PROGRAMME,
    "segments__friends": {"title": words("Friends")},
    "segments__young": {"title": words("Young"), "condition": asks("member_age", "less_than", 30)},
    "segments__buyers": {"title": words("Buyers"), "condition": asks("orders_count", "greater_than", 1)},
    "earn__base": None,
    "campaigns__dry": gives(5, conditions=asks("attribute_skin", "equal_to", "dry"), given={"attribute_skin": "dry"}),
    "campaigns__friends": gives(7, audience={"segments": ["friends"]}, given={"member_segments": ["friends"]}),
    "campaigns__young": gives(11, audience={"segments": ["young"]}, given={"member_segments": ["young"]}),
    "campaigns__tagged": gives(13, audience={"tags": ["vip"]}, given={"member_tags": ["vip"]}),
    "campaigns__agreed": gives(17, audience={"consents": ["marketing"]}, given={"member_consents": ["marketing"]}),
    "campaigns__first": policy(
        ("add_tag", {"tag": "buyer"}),
        ("join_segment", {"segment": "friends"}),
        ("raise_alert", {"severity": "warning", "text": words("A large order")}),
        conditions=asks("order_paid", "greater_than", "1000.00"),
        given={"order_paid": "1000.01"},
        then=[{"tag": "buyer"}, {"join": "friends"}, {"alert": "warning"}],
    ),
    "campaigns__thanks": gives(
        3,
        on="member.changed",
        conditions=asks("member_consents", "contains", "marketing"),
        given={"member_consents": ["marketing"]},
        limits={"times_per_member": 1},
        elsewhere="order.paid",
    ),
}


@pytest_asyncio.fixture
async def shop(db):
    made = await shop_of(db, documents(**STORY))
    yield made
    await made.prove()


async def says(shop: Shop, name: str, **said: Any):
    at = said.pop("at", None) or shop.now
    return await shop.one(MemberChanged(said.pop("key", None) or shop.key(), ref(name), at, **said), TELLER)


TELLER = Caller("client:crm", "story", frozenset({"members:write", "members:read"}))


async def traits(shop: Shop, name: str) -> dict[str, Any]:
    sql = "SELECT * FROM traits WHERE member_id = $1"
    rows = await shop.house.db.read(Traits, sql, await shop.member_id(name))
    return {column: parse(getattr(rows[0], column)) for column in ("tags", "segments", "attributes", "consents")}


async def test_what_is_said_of_a_member_decides_what_it_earns(shop):
    await shop.enrol("lin")
    await says(
        shop,
        "lin",
        attributes={"skin": "dry"},
        add_tags=("vip",),
        join_segments=("friends",),
        consents={"marketing": True},
    )

    await shop.order("lin", 10000)

    assert (await shop.wallet("lin"))["available"] == 3 + 5 + 7 + 13 + 17
    assert await traits(shop, "lin") == {
        "tags": ["vip"], "segments": ["friends"], "attributes": {"skin": "dry"}, "consents": {"marketing": True},
    }  # fmt: skip


async def test_what_is_no_longer_said_earns_nothing_any_more(shop):
    await shop.enrol("lin")
    await says(shop, "lin", attributes={"skin": "dry"}, add_tags=("vip",), join_segments=("friends",))
    await says(shop, "lin", attributes={"skin": None}, remove_tags=("vip",), leave_segments=("friends",))

    await shop.order("lin", 10000)

    assert (await shop.wallet("lin"))["available"] == 0
    assert await traits(shop, "lin") == {"tags": [], "segments": [], "attributes": {}, "consents": {}}


async def test_a_consent_that_is_withdrawn_is_kept_as_withdrawn_with_its_history(shop):
    await shop.enrol("lin")
    await says(shop, "lin", consents={"marketing": True})
    shop.later(days=1)
    await says(shop, "lin", consents={"marketing": False})

    await shop.order("lin", 10000)

    assert (await traits(shop, "lin"))["consents"] == {"marketing": False}
    assert (await shop.wallet("lin"))["available"] == 3  # For having consented, and nothing for the order.
    moves = await shop.house.db.read(TraitMove, "SELECT * FROM trait_moves ORDER BY position, id")
    assert [(row.name, row.before, row.after) for row in moves] == [
        ("marketing", "null", "true"),
        ("marketing", "true", "false"),
    ]


async def test_the_same_said_again_is_no_news(shop):
    await shop.enrol("lin")
    await says(shop, "lin", add_tags=("vip",))
    await says(shop, "lin", add_tags=("vip",), remove_tags=("absent",))

    assert await shop.count("trait_moves") == 1


async def test_a_key_sent_again_is_answered_with_the_first_receipt(shop):
    await shop.enrol("lin")
    first = await says(shop, "lin", key="once", add_tags=("vip",))
    again = await says(shop, "lin", key="once", at=shop.now, add_tags=("vip",))

    assert (first.state, again.replayed, again.event_id) == ("accepted", True, first.event_id)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"attributes": {"hair": "long"}}, "ATTRIBUTE_UNKNOWN", "/attributes/hair"),
        ({"attributes": {"skin": "green"}}, "INVALID_ATTRIBUTE", "/attributes/skin"),
        ({"attributes": {"pets": -1}}, "INVALID_ATTRIBUTE", "/attributes/pets"),
        ({"attributes": {"since": "yesterday"}}, "INVALID_ATTRIBUTE", "/attributes/since"),
        ({"join_segments": ("nobodies",)}, "SEGMENT_UNKNOWN", "/join_segments/0"),
        ({"leave_segments": ("young",)}, "SEGMENT_UNKNOWN", "/leave_segments/0"),
        ({"consents": {"gossip": True}}, "CONSENT_UNKNOWN", "/consents/gossip"),
        ({"add_tags": ("x" * 65,)}, "INVALID_TEXT", "/add_tags/0"),
    ],
)
async def test_what_the_programme_does_not_declare_is_turned_away(shop, said, code, field):
    await shop.enrol("lin")

    answer = await says(shop, "lin", **said)

    assert (answer.state, answer.code, answer.params["field"]) == ("rejected", code, field)
    assert await shop.count("trait_moves") == 0


async def test_a_member_says_its_own_consents_and_nothing_else(shop):
    await shop.enrol("lin")
    own = Caller("member:lin", "story", frozenset({"member"}), await shop.member_id("lin"))
    me = type(ref("lin"))(id=own.member_id)

    agreed = await shop.one(MemberChanged("a", me, shop.now, consents={"marketing": True}), own)
    tagged = await shop.one(MemberChanged("b", me, shop.now, add_tags=("vip",)), own)

    assert (agreed.state, tagged.code) == ("accepted", "FORBIDDEN")
    assert (await traits(shop, "lin"))["tags"] == []


async def test_a_late_order_is_decided_with_what_was_said_at_its_instant(shop):
    await shop.enrol("lin")
    then = shop.later(hours=1)
    shop.later(days=1)
    await says(shop, "lin", add_tags=("vip",), attributes={"skin": "dry"})

    await shop.order("lin", 10000, occurred_at=then)

    assert (await shop.wallet("lin"))["available"] == 0


async def test_what_comes_late_does_not_undo_what_was_said_later(shop):
    await shop.enrol("lin")
    then = shop.later(hours=1)
    shop.later(days=1)
    await says(shop, "lin", consents={"marketing": False})

    await says(shop, "lin", at=then, consents={"marketing": True}, add_tags=("vip",))

    held = await traits(shop, "lin")
    assert (held["consents"], held["tags"]) == ({"marketing": False}, ["vip"])


async def test_a_policy_tags_puts_into_a_segment_and_raises_an_alert(shop):
    await shop.enrol("lin")

    await shop.order("lin", 100001, number="big")

    held = await traits(shop, "lin")
    assert (held["tags"], held["segments"]) == (["buyer"], ["friends"])
    rows = await shop.house.db.rows("SELECT body FROM outbox WHERE kind = 'alert.policy'")
    assert [parse(row["body"]) for row in rows] == [
        {"severity": "warning", "text": words("A large order"), "policy": "campaigns/first"}
    ]


async def test_a_full_return_takes_back_what_the_order_had_said(shop):
    await shop.enrol("lin")
    await shop.order("lin", 100001, number="big")

    await shop.one(shop.returned("big"))

    held = await traits(shop, "lin")
    assert (held["tags"], held["segments"]) == ([], [])


async def test_a_return_leaves_alone_what_somebody_said_since(shop):
    await shop.enrol("lin")
    await shop.order("lin", 100001, number="big")
    await says(shop, "lin", remove_tags=("buyer",))
    await says(shop, "lin", add_tags=("buyer",))

    await shop.one(shop.returned("big"))

    held = await traits(shop, "lin")
    assert (held["tags"], held["segments"]) == (["buyer"], [])


async def test_age_decides_by_the_day_and_a_profile_that_goes_changes_no_books(shop):
    await shop.enrol("lin", profile={"birthday": "1996-03-04"})
    await shop.order("lin", 100, number="day-before")  # 2 March 2026: 29 years.
    shop.later(days=2)
    await shop.order("lin", 100, number="birthday")  # 30 years.

    assert (await shop.wallet("lin"))["available"] == 11

    await shop.house.db.rows("DELETE FROM personal")  # And the story's end still folds the same books.


async def test_what_was_said_of_an_erased_member_can_go_and_the_rest_of_its_books_still_fold(db):
    shop = await shop_of(db, documents(**STORY))
    await shop.enrol("lin")
    await says(shop, "lin", add_tags=("vip",))
    await shop.order("lin", 100)
    member = await shop.member_id("lin")

    for table in ("trait_moves", "traits"):
        await db.rows(f"DELETE FROM {table} WHERE member_id = $1", member)
    await db.rows("UPDATE members SET status = 'erased' WHERE id = $1", member)

    assert await shop.count("traits") == 0
    live = await shop.house.rulebook.programme(db, "story")
    found = await replay_member(db, 1, member, lambda _: live, keys_of(shop.house, 1))
    assert [one.table for one in found] == ["members"]  # That it is erased; nothing else differs.


async def test_a_pilot_is_for_the_same_members_every_time_and_the_rest_are_told_why(db):
    pilot = {"percent": 50, "salt": "spring", "control": 10}
    shop = await shop_of(db, documents(**STORY, campaigns__pilot=gives(1000, audience={"pilot": pilot})))
    for _ in range(2):
        for number in range(20):
            shop.later(minutes=1)
            if await shop.count("identities") <= number:
                await shop.enrol(f"m{number}")
            await shop.order(f"m{number}", 100)

    got = [(await shop.wallet(f"m{number}"))["available"] for number in range(20)]
    lots = [Who(1, await shop.member_id(f"m{number}")).bucket("spring") for number in range(20)]

    assert got == [2000 if lot < 5000 else 0 for lot in lots]
    assert len(set(got)) == 2
    because = "".join(row["outcome"] for row in await db.rows("SELECT outcome FROM decisions"))
    assert all(f'"audience:{"control" if lot >= 9000 else "pilot"}:{lot}"' in because for lot in lots if lot >= 5000)
    await shop.prove()
