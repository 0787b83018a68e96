"""Random histories of accounts that are merged on the way: both logs fold again, and nothing is lost or twice."""

from datetime import timedelta
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.events import MemberRef, MembersMerge, MemberUnfreeze, PointsAdjust
from loyalty.intake import keys_of
from loyalty.replay import replay_member
from loyalty.verify import verify
from models.database import Database
from tests.loyalty.conftest import Shop
from tests.property.counting import counted
from tests.property.histories import ALL, HOUR, Step, enrolled, histories
from tests.property.programme import rich_documents
from tests.property.pure import START
from tests.property.test_received import APART, WITHOUT_SHRINKING, handed_in, people, round_of, the_shop

TOGETHER = 12
KEPT = ("points", "miles")  # Stars are turned into benefits, and more growth comes, when more becomes available.


@pytest.fixture
def shops() -> dict[str, Shop]:
    """The shop of this test, once its first history has opened it."""
    return {}


@WITHOUT_SHRINKING
@given(
    drawn=st.lists(histories(ALL, 14, 8), min_size=TOGETHER, max_size=TOGETHER),
    when=st.lists(st.integers(2, 9), min_size=TOGETHER, max_size=TOGETHER),
)
async def test_accounts_that_are_merged_on_the_way_prove(
    db: Database, shops: dict[str, Shop], drawn: list[list[Step]], when: list[int]
) -> None:
    shop = await the_shop(shops, db, rich_documents())
    everybody = people(len(drawn), START)
    await handed_in(shop, [enrolled(person) for person in everybody], START)
    ids = [await shop.member_id(person.ref.value or "") for person in everybody]
    gifts = [PointsAdjust(person.key(), person.ref, "points", 400, "a start") for person in everybody]
    await handed_in(shop, [*gifts], START)
    now = START + 8 * HOUR
    for number, together in enumerate(zip_longest(*drawn)):
        now += timedelta(days=APART[number % len(APART)])
        await round_of(shop, everybody, together, now)
        for place, at in enumerate(when[:-1]):
            if at == number:
                await merged(shop, ids[place], ids[place + 1])
    counted("histories with merges", len(drawn))

    await proved(shop, ids)


async def merged(shop: Shop, gone: int, into: int) -> None:
    """One account goes on in the next, by its old number too: what both can spend is the same before and after."""
    both = [MemberUnfreeze(f"u{gone}-{one}", MemberRef(id=one)) for one in (gone, into)]
    await handed_in(shop, [*both], shop.now)
    before = await owned(shop, gone, into)
    wish = MembersMerge(f"m{gone}", MemberRef(id=gone), MemberRef(id=into), "one person")

    (receipt,) = await handed_in(shop, [wish], shop.now)

    assert receipt.code in {None, "SAME_MEMBER", "MEMBER_MERGED"}
    after = await owned(shop, gone, into)
    if receipt.code is None:
        # What the one owed the other may pay: what both have together stays.
        assert {name: had for name, had in after.items() if name in KEPT} == {
            name: had for name, had in before.items() if name in KEPT
        }


async def owned(shop: Shop, *members: int) -> dict[str, int]:
    """What these members have together, by wallet: less what is owed, settled to now."""
    owns = "SUM(pending + available + held - owed)"
    sql = f"SELECT wallet, {owns} AS points FROM wallets WHERE member_id IN ({{}}) GROUP BY 1"
    rows = await shop.house.db.rows(sql.format(", ".join(map(str, members))))
    return {row["wallet"]: int(row["points"]) for row in rows}


async def proved(shop: Shop, ids: list[int]) -> None:
    """The logs of all of them, of old accounts too, fold again to the same books; and the books hold."""
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    keys = keys_of(shop.house, 1)
    for member_id in ids:
        assert await replay_member(shop.house.db, 1, member_id, lambda _revision: live, keys) == []
        counted("members replayed")
    assert (await verify(shop.house.db, 1)).findings == []
