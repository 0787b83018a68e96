"""A card: its number stays and its letters go by level; its code is good for a minute; a till learns no name."""

import json

import pytest

from loyalty import cards

CARD = "{ me { id card { number prefix receiptStyle code codeUntil } badges { id } } }"
VERIFY = "query ($card: String!) { cardVerify(card: $card) { id number tier { key } receiptStyle frozen } }"
OTHERS = "query ($by: MemberRef!) { member(by: $by) { id card { number code } } }"
LEVELS = {"silver": {"prefix": "S", "receipt_style": "silver-stamp"}}


@pytest.fixture
def texts(texts):
    programme = json.loads(texts["programme"])
    programme["card"] = {"prefix": "M", "seconds": 60, "levels": LEVELS}
    return texts | {"programme": json.dumps(programme)}


async def own(shop, name):
    return (await shop.ask(CARD, token=name))["me"]


async def refused(shop, card):
    answer = (await shop.post(VERIFY, {"card": card})).json()
    assert answer["data"]["cardVerify"] is None
    return answer["errors"][0]["extensions"]["code"]


async def test_the_number_stays_and_its_letters_go_by_level(shop, lin):
    before = (await own(shop, lin))["card"]
    await shop.order(lin, total=100000)

    after = (await own(shop, lin))["card"]

    assert (before["prefix"], before["receiptStyle"]) == ("M", "plain")
    assert (after["prefix"], after["receiptStyle"]) == ("S", "silver-stamp")
    assert before["number"].split()[1:] == after["number"].split()[1:]
    digits = "".join(before["number"].split()[1:])
    assert (len(digits), digits[-1]) == (19, cards.check_digit(digits[:-1]))


async def test_a_till_reads_the_number_or_the_code_and_sees_how_to_treat_its_holder(shop, lin):
    me = await own(shop, lin)

    by_number = (await shop.ask(VERIFY, {"card": me["card"]["number"]}))["cardVerify"]
    by_code = (await shop.ask(VERIFY, {"card": me["card"]["code"]}))["cardVerify"]

    assert by_number == by_code
    assert by_number == {
        "id": me["id"],
        "number": f"M ****{me['card']['number'].replace(' ', '')[-4:]}",
        "tier": {"key": "normal"},
        "receiptStyle": "plain",
        "frozen": False,
    }


async def test_a_code_is_good_for_its_time_and_no_longer(shop, lin):
    code = (await own(shop, lin))["card"]["code"]
    shop.clock.wait(seconds=59)
    in_time = (await shop.ask(VERIFY, {"card": code}))["cardVerify"]

    shop.clock.wait(seconds=1)

    assert in_time["receiptStyle"] == "plain"
    assert await refused(shop, code) == "CARD_EXPIRED"


async def test_what_is_no_card_is_unknown_whatever_is_wrong_with_it(shop, lin):
    card = (await own(shop, lin))["card"]
    digits = card["number"].replace(" ", "")[1:]
    wrong = digits[:5] + str((int(digits[5]) + 1) % 10) + digits[6:]
    nobody = digits[:5] + str((int(digits[5]) + 1) % 10) + digits[6:-1]

    assert await refused(shop, wrong) == "CARD_UNKNOWN"
    assert await refused(shop, nobody + cards.check_digit(nobody)) == "CARD_UNKNOWN"
    assert await refused(shop, card["code"][:-2] + ("AA" if card["code"][-2:] != "AA" else "BB")) == "CARD_UNKNOWN"
    assert await refused(shop, "hello") == "CARD_UNKNOWN"


async def test_a_till_names_a_member_by_its_card(shop, lin):
    number = (await own(shop, lin))["card"]["number"]

    answer = await shop.order(None, total=30000, member={"card": number})

    assert answer.state == "ACCEPTED"
    assert next(one for one in answer.receipt["points"] if one["wallet"] == "points")["pending"] == 300


async def test_others_see_the_last_digits_and_never_the_code(shop, lin):
    me = await own(shop, lin)

    seen = await shop.ask(OTHERS, {"by": {"id": me["id"]}}, token="staff")

    assert seen["member"] is None or seen["member"]["card"]["code"] is None


async def test_a_card_of_somebody_erased_is_no_card(shop, lin):
    card = (await own(shop, lin))["card"]
    erase = "mutation ($input: MemberEraseInput!) { memberErase(input: $input) { userErrors { code } } }"
    await shop.do(erase, {"idempotencyKey": "1"}, token=lin)

    assert [await refused(shop, card["number"]), await refused(shop, card["code"])] == ["CARD_UNKNOWN"] * 2


async def test_numbers_are_unique_and_tell_nothing_of_their_order(shop, lin):
    members = [4096 * number for number in range(1, 2000)]
    numbers = [cards.number_of(shop.house.secrets, 1, one) or "" for one in members]

    assert [cards.read(shop.house.secrets, 1, one, shop.clock.now) for one in numbers] == members
    assert len(set(numbers)) == len(numbers)
    assert numbers != sorted(numbers)
    assert cards.number_of(shop.house.secrets, 2, members[0]) != numbers[0]
