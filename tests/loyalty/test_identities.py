"""A name has one holder: linked once whoever is quicker, never the last one unlinked, one balance by each of them."""

import asyncio
from dataclasses import replace
from typing import Any

from loyalty.events import IdentityLink, IdentityUnlink, MemberEnrolled, MemberRef
from tests.loyalty.conftest import POS, Shop, ref

WECHAT = ("wechat", "open-id-1")


async def link(shop: Shop, name: str, identity: tuple[str, str] = WECHAT, key: str = "") -> Any:
    return await shop.one(IdentityLink(key or shop.key(), ref(name), identity))


async def unlink(shop: Shop, name: str, identity: tuple[str, str] = WECHAT) -> Any:
    return await shop.one(IdentityUnlink(shop.key(), ref(name), identity))


async def holders(shop: Shop) -> list[tuple[str, int]]:
    rows = await shop.house.db.rows("SELECT kind, member_id FROM identities ORDER BY kind, member_id")
    return [(row["kind"], row["member_id"]) for row in rows]


async def test_one_balance_by_each_of_its_names(shop: Shop) -> None:
    await shop.enrol("lin")
    lin = await shop.member_id("lin")

    linked = await link(shop, "lin")
    order = await shop.one(replace(shop.paid("lin", 30000), member=MemberRef(None, *WECHAT)))

    assert linked.changes["identity"] == {"kind": "wechat", "linked": True, "changed": True}
    assert order.member_id == lin
    assert (await shop.wallet("lin"))["pending"] == 300
    assert await holders(shop) == [("external", lin), ("wechat", lin)]


async def test_a_name_that_somebody_else_has_stays_theirs(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.enrol("wang")
    await link(shop, "wang")
    before = await holders(shop)

    taken = await link(shop, "lin")

    assert (taken.state, taken.code, taken.params) == ("refused", "IDENTITY_TAKEN", {"kind": "wechat"})
    assert await holders(shop) == before


async def test_a_name_linked_twice_is_linked_once(shop: Shop) -> None:
    await shop.enrol("lin")

    first = await link(shop, "lin", key="k")
    again = await link(shop, "lin", key="k")
    other = await link(shop, "lin")

    assert (first.replayed, again.replayed, again.event_id) == (False, True, first.event_id)
    assert other.changes["identity"]["changed"] is False
    assert len(await holders(shop)) == 2
    assert await shop.count("audit", "action = 'identity.link'") == 1


async def test_the_last_name_stays(shop: Shop) -> None:
    await shop.enrol("lin")
    await link(shop, "lin")

    gone = await unlink(shop, "lin", ("external", "lin"))
    last = await shop.one(IdentityUnlink("u", MemberRef(None, *WECHAT), WECHAT))

    assert gone.changes["identity"] == {"kind": "external", "linked": False, "changed": True}
    assert (last.state, last.code) == ("refused", "IDENTITY_LAST")
    assert [kind for kind, _ in await holders(shop)] == ["wechat"]
    assert await shop.count("members") == 1


async def test_a_name_that_was_unlinked_is_free(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.enrol("wang")
    await link(shop, "lin")

    await unlink(shop, "lin")
    linked = await link(shop, "wang")
    not_there = await unlink(shop, "lin")

    assert linked.changes["identity"]["changed"] is True
    assert not_there.changes["identity"] == {"kind": "wechat", "linked": False, "changed": False}
    assert ("wechat", await shop.member_id("wang")) in await holders(shop)


async def test_a_name_changes_hands_within_one_batch(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.enrol("wang")
    await link(shop, "lin")

    receipts = await shop.send(
        IdentityUnlink("a", ref("lin"), WECHAT), IdentityLink("b", ref("wang"), WECHAT), caller=POS
    )

    assert [one.state for one in receipts] == ["accepted", "accepted"]
    assert ("wechat", await shop.member_id("wang")) in await holders(shop)
    assert len(await holders(shop)) == 3


async def test_whoever_links_first_has_it_and_the_others_are_told(shop: Shop) -> None:
    names = [f"m{number}" for number in range(8)]
    for name in names:
        await shop.enrol(name)

    answers = await asyncio.gather(*(link(shop, name) for name in names))

    assert sorted(one.code or one.state for one in answers) == ["IDENTITY_TAKEN"] * 7 + ["accepted"]
    (winner,) = (one.member_id for one in answers if one.state == "accepted")
    assert [holder for kind, holder in await holders(shop) if kind == "wechat"] == [winner]


async def test_a_link_and_a_registration_by_one_name_have_one_winner(shop: Shop) -> None:
    await shop.enrol("lin")

    linked, enrolled = await asyncio.gather(
        link(shop, "lin"), shop.one(MemberEnrolled("e", (WECHAT,), shop.now), caller=POS)
    )

    assert sorted(one.code or one.state for one in (linked, enrolled)) == ["IDENTITY_TAKEN", "accepted"]
    assert len([kind for kind, _ in await holders(shop) if kind == "wechat"]) == 1
    assert await shop.count("members") == 1 + (enrolled.state == "accepted")


async def test_nobody_is_linked_to_whom_there_is_not(shop: Shop) -> None:
    answer = await link(shop, "zhao")

    assert answer.code == "MEMBER_UNKNOWN"
    assert await holders(shop) == []


async def test_no_name_is_in_the_log_or_in_the_audit(shop: Shop) -> None:
    await shop.enrol("lin")
    await link(shop, "lin")
    await unlink(shop, "lin")

    for table in ("events", "audit", "claims"):
        rows = await shop.house.db.rows(f"SELECT * FROM {table}")
        assert WECHAT[1] not in str(rows), table
