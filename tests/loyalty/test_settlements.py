"""Settlement: what partners and programme owe each other comes from the ledger, to the last thousandth, and stays."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty import disputes, settlements
from loyalty.access import Caller, scopes_of
from loyalty.disputes import Answer, Claim
from loyalty.events import CodeUndo, CodeVerify, MemberRef, MembersMerge, OrderCancelled, OrderReturned
from loyalty.refusals import Malformed, Refused
from loyalty.rulebook import Live
from loyalty.settlements import Statement
from models.database import Database
from tests.loyalty.brands import FILES_OF_BRANDS, HOUSE
from tests.loyalty.conftest import ADMIN, START, Shop, ref, shop_of

CLOCK = Caller("clock", "story", frozenset({"clock"}))
TILL = Caller("partner:tea", "story", scopes_of(["partner"]), partner="tea-house", shops=("tea-till",))
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
NEXT = datetime(2026, 4, 10, tzinfo=UTC)


@pytest_asyncio.fixture
async def brands(db: Database) -> AsyncIterator[Shop]:
    """The shop of two partners, begun in March."""
    made = await shop_of(db, FILES_OF_BRANDS)
    await made.house.db.run("UPDATE programmes SET created_at = $1", START)
    yield made
    await made.prove()


async def live_of(shop: Shop) -> Live:
    return await shop.house.rulebook.programme(shop.house.db, "story")


async def month(shop: Shop, which: date = MARCH, partner: str = "tea-house") -> Statement:
    return await settlements.statement(shop.house.db, await live_of(shop), partner, which, shop.now)


async def close(shop: Shop) -> int:
    return await settlements.close(shop.house.db, await live_of(shop), CLOCK, shop.now)


async def a_march(shop: Shop) -> CodeUndo:
    """100 points earned at the tea house, burnt there for a tea, and that used; how to take the use back."""
    await shop.enrol("lin")
    await shop.one(shop.paid("lin", 10_000, "t1", shop="tea-till"), caller=HOUSE)
    shop.later(days=7)
    bought = (await shop.redeem("lin", "tea")).changes["entitlements"][0]["id"]
    code = shop.house.secrets.code_of(1, bought)
    receipt = await shop.one(CodeVerify(shop.key(), code, use=True), caller=TILL)
    assert receipt.event_id is not None
    return CodeUndo(shop.key(), MemberRef(id=receipt.member_id), receipt.event_id)


def told(found: Statement) -> list[tuple[str, str, str]]:
    return [(one.kind, str(one.quantity), f"{one.amount:f}") for one in found.sums]


async def test_a_month_is_its_points_and_uses_at_the_agreed_rates(brands: Shop) -> None:
    await a_march(brands)

    found = await month(brands)

    # 100 × 0.012 from the partner, 100 × 0.008 and one use at 5.00 to it.
    assert told(found) == [("earned", "100", "-1.200"), ("burnt", "100", "0.800"), ("used", "1", "5.00")]
    assert (found.balance, found.owed) == (Decimal("4.600"), 460)


async def test_what_is_taken_back_is_in_the_month_it_is_recorded_in(brands: Shop) -> None:
    back = await a_march(brands)
    brands.now = NEXT
    await brands.one(OrderCancelled(brands.key(), "t1", START, shop="tea-till"), caller=HOUSE)
    await brands.one(back, caller=HOUSE)

    march, april = await month(brands), await month(brands, APRIL)

    assert march.balance == Decimal("4.600")
    assert told(april) == [("earn_reversed", "100", "1.200"), ("use_reversed", "1", "-5.00")]


async def test_what_an_account_earned_is_settled_with_its_partner_after_it_goes_on_in_another(brands: Shop) -> None:
    await brands.enrol("lin")
    await brands.enrol("wang")
    for number in ("t1", "t2"):
        await brands.one(brands.paid("lin", 10_000, number, shop="tea-till"), caller=HOUSE)
    await brands.one(brands.paid("lin", 10_000, "m1"), caller=HOUSE)
    brands.later(days=8)
    wish = MembersMerge("m", ref("lin"), ref("wang"), "one person")
    assert (await brands.one(wish, caller=ADMIN)).state == "accepted"
    assert told(await month(brands)) == [("earned", "200", "-2.400")]

    for number, shop in (("t1", "tea-till"), ("m1", "main")):
        await brands.one(OrderCancelled(f"c-{number}", number, brands.now, shop), caller=HOUSE)

    assert told(await month(brands)) == [("earned", "200", "-2.400"), ("earn_reversed", "100", "1.200")]


async def test_a_closed_month_never_changes(brands: Shop) -> None:
    await a_march(brands)
    before = await month(brands)
    brands.now = NEXT - timedelta(days=6)
    assert await close(brands) == 0

    brands.now = NEXT
    closed = await close(brands)
    late = brands.paid("lin", 50_000, "t2", shop="tea-till", occurred_at=START)
    await brands.one(late, caller=HOUSE)

    found = await month(brands)
    assert (closed, await close(brands)) == (2, 0)
    assert replace(found, closed_at=None) == before
    assert found.closed_at == NEXT
    assert told(await month(brands, APRIL)) == [("earned", "500", "-6.000")]
    assert list(await settlements.faults(brands.house.db, await live_of(brands))) == []


async def test_a_closed_month_that_the_ledger_tells_otherwise_is_found(brands: Shop) -> None:
    await a_march(brands)
    live, db = await live_of(brands), brands.house.db
    await db.run(
        "INSERT INTO settlements (programme_id, partner, month, starts_at, ends_at, closed_at, currency, sums, "
        "balance, owed) VALUES ($1, 'tea-house', $2, $3, $4, $4, 'CNY', '[]', '99.000', 9900)",
        live.programme_id, MARCH, settlements.Months(live, brands.now).start(MARCH), NEXT,
    )  # fmt: skip

    ((partner, which, kept, told_now),) = await settlements.faults(db, live)

    assert (partner, which, kept, told_now) == ("tea-house", MARCH, Decimal("99.000"), Decimal("4.600"))


async def test_new_rates_leave_what_was_decided_by_the_old_ones(brands: Shop) -> None:
    await a_march(brands)
    before = await month(brands)
    dearer = {"settles": {"earned": "0.5", "burnt": "0.5", "used": {"tea": "50.00"}}}
    from tests.loyalty.brands import CHANGES, TEA

    await brands.publish(**(CHANGES | {"partners__tea_house": TEA | dearer}))

    assert (await month(brands)).sums == before.sums


async def disputed(shop: Shop, key: str = "d1", reason: str = "We sold no tea.") -> Any:
    rows = await settlements.lines(shop.house.db, await live_of(shop), await month(shop))
    line = next(row for row in rows if row.kind == "used")
    claim = Claim(key, MARCH, [(line.source, line.member_id, line.number)], reason)
    house = shop.house
    return await disputes.open_dispute(house.db, house.secrets, TILL, await live_of(shop), claim, now=shop.now)


async def answered(shop: Shop, number: int, amount: str | None, key: str = "a1") -> Any:
    said = Answer(key, None if amount is None else Decimal(amount), "As we looked.")
    house = shop.house
    return await disputes.answer(house.db, house.secrets, ADMIN, await live_of(shop), number, said, now=shop.now)


async def test_a_dispute_is_put_right_by_a_line_of_the_month_that_is_open(brands: Shop) -> None:
    await a_march(brands)
    brands.now = NEXT
    await close(brands)
    (row, _), (again, replayed) = await disputed(brands), await disputed(brands)

    found, _ = await answered(brands, row.id, "-5.00")

    assert (row.id, replayed) == (again.id, True)
    assert (found.state, found.answer) == ("adjusted", "As we looked.")
    assert told(await month(brands, APRIL)) == [("adjusted", "1", "-5.00")]
    assert (await month(brands)).balance == Decimal("4.600")
    assert (await answered(brands, row.id, "-5.00"))[1] is True
    with pytest.raises(Refused) as refused:
        await answered(brands, row.id, "-5.00", key="a2")
    assert refused.value.code == "DISPUTE_CLOSED"
    assert await brands.count("audit", "action LIKE 'dispute.%'") == 2


async def test_a_dispute_that_is_turned_down_moves_no_money(brands: Shop) -> None:
    await a_march(brands)
    row, _ = await disputed(brands)

    found, _ = await answered(brands, row.id, None)

    assert found.state == "rejected"
    assert (await month(brands)).balance == Decimal("4.600")


async def test_the_same_key_with_another_reason_is_a_mismatch(brands: Shop) -> None:
    await a_march(brands)
    await disputed(brands)

    with pytest.raises(Malformed) as refused:
        await disputed(brands, reason="Something else.")

    assert refused.value.code == "IDEMPOTENCY_MISMATCH"
    assert await brands.count("disputes") == 1


async def test_lines_come_page_by_page_each_once(brands: Shop) -> None:
    await a_march(brands)
    live, found = await live_of(brands), await month(brands)
    whole, key, pages = await settlements.lines(brands.house.db, live, found), None, []
    while rows := await settlements.lines(brands.house.db, live, found, after_key=key, most=1):
        pages += rows
        key = settlements.key_of(rows[-1])

    assert pages == whole
    assert [row.kind for row in whole] == ["earned", "burnt", "used"]


@pytest.mark.parametrize("text", ["2026", "2026-13", "26-03", "2026/03", "2026-3x", "２０２６-03"])
def test_a_month_is_written_one_way(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        settlements.read_month(text)
    assert refused.value.code == "INVALID_MONTH"


# Random histories: the statement against a recount by hand of every transfer and every use.

STEPS = st.lists(
    st.tuples(st.sampled_from(["buy", "sofa", "house", "cancel", "return", "redeem", "use", "undo", "wait"]),
              st.integers(1, 30)),
    min_size=4, max_size=14,
)  # fmt: skip


async def play(shop: Shop, steps: list[tuple[str, int]]) -> None:
    """Whatever the steps say, as far as it can be done."""
    numbers, orders, codes, uses = itertools.count(1), [], [], []
    await shop.enrol("lin")
    for step, n in steps:
        if step in ("buy", "sofa", "house"):
            till = {"buy": "tea-till", "sofa": "sofa-till", "house": "main"}[step]
            number = f"o{next(numbers)}"
            await shop.one(shop.paid("lin", n * 1_000, number, shop=till), caller=HOUSE)
            orders.append((number, till))
        elif step in ("cancel", "return") and orders:
            number, till = orders[n % len(orders)]
            if step == "cancel":
                await shop.one(OrderCancelled(shop.key(), number, shop.now, shop=till), caller=HOUSE)
            else:
                part = OrderReturned(shop.key(), number, f"r{next(numbers)}", shop.now, amount=n * 300, shop=till)
                await shop.one(part, caller=HOUSE)
        elif step == "redeem":
            receipt = await shop.redeem("lin", "tea")
            codes += [shop.house.secrets.code_of(1, one["id"]) for one in receipt.changes.get("entitlements", ())]
        elif step == "use" and codes:
            receipt = await shop.one(CodeVerify(shop.key(), codes[n % len(codes)], use=True), caller=TILL)
            uses += [receipt] if receipt.ok else []
        elif step == "undo" and uses:
            receipt = uses[n % len(uses)]
            await shop.one(CodeUndo(shop.key(), MemberRef(id=receipt.member_id), receipt.event_id or 0), caller=TILL)
        shop.later(days=n)


async def recounted(shop: Shop) -> Decimal:
    """What the tea house is owed of all time, told from the rows alone."""
    total = Decimal(0)
    for row in await shop.house.db.rows("SELECT * FROM transfers WHERE partner = 'tea-house' AND wallet = 'points'"):
        for account, rate in (("issued", Decimal("-0.012")), ("redeemed", Decimal("-0.008"))):
            sign = (row["debit"] == account) - (row["credit"] == account)
            total += sign * rate * row["amount"]
    used = await shop.house.db.rows("SELECT id FROM entitlements WHERE partner = 'tea-house' AND state = 'used'")
    return total + 5 * len(used)


@settings(max_examples=40)
@given(steps=STEPS)
@pytest.mark.asyncio
async def test_the_months_add_up_to_the_ledger(tmp_path_factory: Any, template: str, steps: Any) -> None:
    from tests.conftest import copied

    async with copied(template, tmp_path_factory.mktemp("history")) as url:
        db = await Database.open(url)
        try:
            shop = await shop_of(db, FILES_OF_BRANDS)
            await db.run("UPDATE programmes SET created_at = $1", START)
            await play(shop, steps)
            shop.later(days=60)
            await close(shop)
            owed, which = Decimal(0), MARCH
            while which <= date(shop.now.year, shop.now.month, 1):
                owed += (await month(shop, which)).balance
                which = settlements.after(which)

            assert owed == await recounted(shop)
            assert list(await settlements.faults(db, await live_of(shop))) == []
            await shop.prove()
        finally:
            await db.close()
