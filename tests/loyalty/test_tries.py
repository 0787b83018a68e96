"""Guessing codes comes to an end: by key and by address; and words that many share bring a benefit, within limits."""

from dataclasses import replace

from loyalty.access import Caller
from loyalty.events import BenefitClaim, BenefitRevoke, CodeVerify
from loyalty.receipts import Receipt
from loyalty.tries import TRIES_MAX
from models.database import Database
from tests.loyalty.conftest import POS, Shop, ref
from tests.loyalty.selling import opened
from tests.loyalty.test_codes import code_of
from tests.loyalty.test_entitlements import do, gift, left, piece, states

PARTNER = Caller("partner:tea", "story", frozenset({"partner", "partner:verify"}), partner="tea-house")
HERE = replace(PARTNER, address="192.0.2.1")
ELSEWHERE = replace(PARTNER, address="192.0.2.2")
OTHERS_HERE = replace(POS, address="192.0.2.1")


async def guess(shop: Shop, caller: Caller, times: int = 1) -> list[str | None]:
    keys = [shop.key() for _ in range(times)]
    return [one.code for one in await shop.send(*(CodeVerify(key, f"AAAA-{key}") for key in keys), caller=caller)]


async def test_who_guesses_has_so_many_tries_and_then_no_answer(shop: Shop) -> None:
    code = await code_of(shop, "lin")

    wrong = await guess(shop, POS, TRIES_MAX)
    more = await guess(shop, POS)
    good = await shop.one(CodeVerify(shop.key(), code, use=True))
    shop.later(minutes=15)
    after = await shop.one(CodeVerify(shop.key(), code, use=True))

    assert set(wrong) == {"CODE_UNKNOWN"}
    assert more == ["THROTTLED"]
    assert (good.code, good.params["retry_after_ms"]) == ("THROTTLED", 900_000)
    assert after.state == "accepted"


async def test_an_address_is_counted_whatever_keys_it_has(shop: Shop) -> None:
    await guess(shop, HERE, TRIES_MAX)

    assert await guess(shop, OTHERS_HERE) == ["THROTTLED"]  # Another key, from the same place.
    assert await guess(shop, ELSEWHERE) == ["THROTTLED"]  # The same key, from another place.
    assert await guess(shop, POS) == ["CODE_UNKNOWN"]
    assert "192.0.2" not in str(await shop.house.db.rows("SELECT * FROM code_tries"))


async def test_good_codes_and_the_same_try_again_count_for_nothing(shop: Shop) -> None:
    code = await code_of(shop, "lin")
    await guess(shop, POS, TRIES_MAX - 1)

    first = await shop.one(CodeVerify("same", "AAAA"))
    await shop.house.db.run("UPDATE code_tries SET failed = $1", TRIES_MAX - 1)
    again = [first, *[await shop.one(CodeVerify("same", "AAAA")) for _ in range(3)]]
    good = [await shop.one(CodeVerify(shop.key(), code)) for _ in range(3)]

    assert [one.code for one in again] == ["CODE_UNKNOWN"] * 4
    assert [one.replayed for one in again] == [False, True, True, True]
    assert [one.state for one in good] == ["accepted"] * 3
    assert {row["failed"] for row in await shop.house.db.rows("SELECT failed FROM code_tries")} == {TRIES_MAX - 1}


async def test_tries_are_counted_though_the_event_changes_nothing(shop: Shop) -> None:
    before = await shop.count("entitlement_moves")

    await guess(shop, POS, 3)

    assert [row["failed"] for row in await shop.house.db.rows("SELECT failed FROM code_tries")] == [3]
    assert await shop.count("entitlement_moves") == before
    await shop.prove()


# Promo codes.


async def entered(shop: Shop, word: str, name: str = "lin") -> Receipt:
    return await shop.one(BenefitClaim(shop.key(), ref(name), promo=word))


async def promos(db: Database, **terms: object) -> Shop:
    shop = await opened(db, benefits__gift=gift(promo_codes=[{"code": "Hello-Tea", **terms}]))
    for name in ("lin", "mei", "zhao"):
        await shop.enrol(name)
    return shop


async def test_a_promo_code_is_the_same_in_capitals_and_is_for_everybody_once(db: Database) -> None:
    shop = await promos(db)

    codes = [
        (await entered(shop, word, name)).code
        for word, name in (("HELLO-TEA", "lin"), ("hello-tea", "lin"), (" hello-tea ", "mei"), ("hello", "mei"))
    ]

    assert codes == [None, "LIMIT_REACHED", None, "CODE_UNKNOWN"]
    assert await states(shop) == ["issued", "issued"]
    assert {row["promo"] for row in await db.rows("SELECT promo FROM entitlements")} == {"hello-tea"}
    await shop.prove()


async def test_a_promo_code_is_used_up_by_all_together_and_comes_back_with_its_piece(db: Database) -> None:
    shop = await promos(db, uses=2, per_member=2)

    first = await entered(shop, "hello-tea")
    codes = [(await entered(shop, "hello-tea", name)).code for name in ("mei", "zhao")]
    await do(shop, BenefitRevoke, piece(first), "a mistake")
    after = await entered(shop, "hello-tea", "zhao")

    assert codes == [None, "OUT_OF_STOCK"]
    assert after.state == "accepted"
    assert await left(shop, "promo:hello-tea") == 0
    await shop.prove()


async def test_before_its_days_a_promo_code_is_unknown_and_after_them_it_is_over(db: Database) -> None:
    shop = await promos(db, **{"from": "2026-03-03", "until": "2026-03-04"})

    before = await entered(shop, "hello-tea")
    shop.later(days=1)
    within = await entered(shop, "hello-tea")
    shop.later(days=2)
    after = await entered(shop, "hello-tea", "mei")

    assert [one.code for one in (before, within, after)] == ["CODE_UNKNOWN", None, "CODE_EXPIRED"]
    await shop.prove()


async def test_a_member_who_guesses_promo_codes_is_stopped_and_nobody_else(db: Database) -> None:
    shop = await promos(db)
    for number in range(TRIES_MAX):
        await entered(shop, f"guess-{number}")

    assert (await entered(shop, "hello-tea")).code == "THROTTLED"
    assert (await entered(shop, "hello-tea", "mei")).code is None  # The till asks for its members one by one.
    shop.later(minutes=15)
    assert (await entered(shop, "hello-tea")).code is None


async def test_who_may_not_have_the_benefit_may_not_have_it_by_a_word(db: Database) -> None:
    only = {"name": "member_tier", "operator": "at_least", "value": "gold"}
    shop = await opened(db, benefits__gift=gift(promo_codes=[{"code": "HELLO"}], available_to=only))
    await shop.enrol("lin")

    assert (await entered(shop, "hello")).code == "NOT_ELIGIBLE"
    assert await states(shop) == []
