"""Members give each other points, with tokens of their own: nobody learns of the other more than the giver knew."""

import json

import pytest

from tests.story import documents as says
from tests.story.conftest import named


@pytest.fixture
def texts(texts):
    """The demo, in which points may be given away: ten to a hundred at once."""
    programme = json.loads(texts["programme"])
    programme["wallets"]["points"]["transfers"] = {"least": 10, "most": 100}
    return texts | {"programme": json.dumps(programme, ensure_ascii=False)}


async def give(shop, giver, receiver, points=50, **more):
    """Somebody gives by herself."""
    given = {"idempotencyKey": shop.key(), "to": named(receiver), "points": points, **more}
    return await shop.do(says.TRANSFER, given, token=giver)


async def test_a_member_gives_points_to_a_name_it_knows(shop, lin):
    await shop.enrol("wang")

    answer = await give(shop, lin, "wang", gift=True)

    assert answer.state == "ACCEPTED"
    assert (await shop.balance(lin), await shop.balance("wang")) == (150, 250)
    entry = (await shop.member("wang"))["points"]["entries"]["nodes"][0]
    assert (entry["kind"], entry["points"], entry["reason"]) == ("TRANSFER", 50, "A gift from another member")
    assert "lin" not in json.dumps(entry, ensure_ascii=False)


async def test_the_giver_learns_nothing_of_the_receiver(shop, lin):
    await shop.enrol("wang")

    answer = await give(shop, lin, "wang")

    me = (await shop.ask("{ me { id } }", token=lin))["me"]["id"]
    wang = (await shop.ask("{ me { id } }", token="wang"))["me"]["id"]
    told = json.dumps(answer.payload)
    assert answer.payload["member"]["id"] != wang
    assert wang not in told
    assert me != wang


async def test_somebody_who_is_no_member_gets_nothing(shop, lin):
    answer = await give(shop, lin, "nobody")

    assert answer.code == "MEMBER_UNKNOWN"
    assert await shop.balance(lin) == 200


async def test_more_than_the_wallet_allows_is_refused_in_words(shop, lin):
    await shop.enrol("wang")

    answer = await give(shop, lin, "wang", points=101)

    assert answer.code == "TRANSFER_OUT_OF_RANGE"
    assert answer.problem["message"] == "A transfer is from 10 to 100. Choose an amount within that."
    assert (await shop.balance(lin), await shop.balance("wang")) == (200, 200)
