"""A preview answers as the event would be answered, and writes nothing."""

from dataclasses import replace

import pytest

from loyalty.events import MemberRef
from loyalty.previewing import preview
from loyalty.refusals import Forbidden, Malformed
from models.table import TABLES
from tests.loyalty.conftest import POS, Shop

COUNTED = sorted(name for name in TABLES if name not in {"jobs", "imports"})


async def everything(shop: Shop) -> dict[str, int]:
    return {name: await shop.count(f'"{name}"') for name in COUNTED}


async def test_a_preview_says_what_the_order_would_earn_and_writes_nothing(shop: Shop) -> None:
    await shop.enrol("lin")
    await shop.order("lin", 100_000)
    before = await everything(shop)

    seen = await preview(shop.house, POS, shop.paid("lin", 10_000, "next"), now=shop.now)

    assert seen.receipt.changes["points"]["points"] == {"pending": 200}
    assert [row.kind for row in seen.decisions] == ["order.paid"]
    assert await everything(shop) == before


async def test_a_stranger_may_ask_what_the_first_order_would_bring(shop: Shop) -> None:
    seen = await preview(shop.house, POS, shop.paid("stranger", 10_000), now=shop.now)

    assert seen.receipt.changes["enrolled"] is True
    assert seen.receipt.changes["points"]["points"] == {"pending": 100}
    assert await shop.count("members") == 0


async def test_an_id_that_is_nobodys_is_unknown_to_the_preview_as_to_the_order(shop: Shop) -> None:
    order = replace(shop.paid(None, 10_000, "A1"), member=MemberRef(id=999_999))

    with pytest.raises(Malformed) as unknown:
        await preview(shop.house, POS, order, now=shop.now)
    answer = await shop.one(order)

    assert (unknown.value.code, unknown.value.params) == ("MEMBER_UNKNOWN", {"field": "/member"})
    assert (answer.code, answer.params) == ("MEMBER_UNKNOWN", {"field": "/member"})
    assert await shop.count("orders") == 0


async def test_the_preview_and_the_order_answer_alike(shop: Shop) -> None:
    await shop.enrol("lin")
    order = shop.paid("lin", 123_456)

    seen = await preview(shop.house, POS, order, now=shop.now)
    done = await shop.one(order)

    assert seen.receipt.changes["points"] == done.changes["points"]
    assert seen.receipt.changes["tiers"] == done.changes["tiers"]


async def test_who_may_neither_send_events_nor_read_policies_may_not_preview(shop: Shop) -> None:
    with pytest.raises(Forbidden) as forbidden:
        await preview(shop.house, replace(POS, scopes=frozenset()), shop.paid("lin", 100), now=shop.now)

    assert forbidden.value.params == {"needs": "events:write"}
