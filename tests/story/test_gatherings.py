"""A salon, a draw and a poll, as members and hosts meet them over GraphQL."""

import json
from typing import Any

import pytest

from loyalty import closings
from loyalty.clockwork import Clockwork
from rules import lots

SIGN_UP = """mutation($input: GatheringSignUpInput!) { gatheringSignUp(input: $input) {
    receipt { state changes } replayed userErrors { code message field } } }"""
CANCEL = """mutation($input: GatheringCancelInput!) { gatheringCancel(input: $input) {
    receipt { state changes } replayed userErrors { code message } } }"""
ATTEND = """mutation($input: GatheringAttendInput!) { gatheringAttend(input: $input) {
    receipt { state } replayed userErrors { code message } } }"""
ENTER = """mutation($input: DrawEnterInput!) { drawEnter(input: $input) {
    receipt { state changes } replayed userErrors { code message } } }"""
VOTE = """mutation($input: PollVoteInput!) { pollVote(input: $input) {
    receipt { state changes } replayed userErrors { code message } } }"""
MINE = """{ me {
    gatherings { gathering { key title seats startsAt } entry { state reason } signUp { state seats code place } }
    signUps { gathering state }
    draws { draw { key commitment seed tickets prizes { count left odds } } entry { state } tickets { number state } }
    polls { key voters options { key title votes } entry { state } chosen }
} }"""


def words(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh-CN": zh}


DOCUMENTS: dict[str, Any] = {
    "benefits/edition-bag": {
        "title": words("Right to the bag", "限量包购买权"),
        "description": words("The right to buy the limited bag", "可购买限量包一只"),
        "kind": "limited_edition",
    },
    "gatherings/tea-salon": {
        "title": words("Tea salon", "茶会沙龙"),
        "description": words("Six teas", "六款茶"),
        "kind": "salon",
        "place": words("West Lake shop", "西湖店"),
        "starts": "2026-11-05T19:00",
        "ends": "2026-11-05T21:00",
        "seats": 1,
        "sign_up": {"opens_at": "2026-11-01", "closes_at": "2026-11-05T18:00"},
        "waiting_list": {"places": 1},
    },
    "draws/bag": {
        "title": words("The limited bag", "限量包抽签"),
        "description": words("Drawn on the fifth", "5日抽签"),
        "kind": "at_close",
        "entry": {"opens_at": "2026-11-01", "closes_at": "2026-11-04"},
        "tickets": {"free": 1},
        "prizes": [{"benefit": "edition-bag", "count": 1}],
    },
    "polls/next-year": {
        "question": words("Which benefit next year?", "明年要哪项权益？"),
        "options": {"tea": words("Tea", "茶"), "cake": words("Cake", "蛋糕")},
        "voting": {"opens_at": "2026-11-01", "closes_at": "2026-11-04"},
        "results": "after_vote",
    },
}


@pytest.fixture
def texts(texts: dict[str, str]) -> dict[str, str]:
    return texts | {path: json.dumps(document) for path, document in DOCUMENTS.items()}


async def clock_comes_by(shop: Any, **time: float) -> None:
    shop.clock.wait(**time)
    clockwork = Clockwork(shop.house, shop.live, shop.clock.now)
    await clockwork.settle(shop.clock.now)
    assert await closings.attend_to(clockwork, shop.clock.now)


async def mine(shop, name, **more):
    return (await shop.ask(MINE, token=name, **more))["me"]


async def sign_up(shop, name, **more):
    return await shop.do(SIGN_UP, {"idempotencyKey": shop.key(), "gathering": "tea-salon", **more}, token=name)


async def test_a_salon_from_sign_up_to_the_door(shop, lin):
    await shop.enrol("mei")

    await sign_up(shop, "lin")
    second = await sign_up(shop, "mei")
    (waits,) = (await mine(shop, "mei"))["gatherings"]
    await shop.do(CANCEL, {"idempotencyKey": shop.key(), "gathering": "tea-salon"}, token="lin")
    await clock_comes_by(shop, seconds=20)
    (moved,) = (await mine(shop, "mei", lang="zh-CN"))["gatherings"]
    await clock_comes_by(shop, days=1)
    scanned = {"idempotencyKey": shop.key(), "code": moved["signUp"]["code"]}
    early = await shop.do(ATTEND, scanned, token="service")
    shop.clock.wait(days=1, hours=8)
    scanned["idempotencyKey"] = shop.key()
    came = await shop.do(ATTEND, scanned, token="service")

    assert second.receipt["changes"]["sign_up"]["state"] == "waiting"
    assert (waits["entry"]["state"], waits["signUp"]["state"], waits["signUp"]["place"]) == ("DONE", "WAITING", 1)
    assert waits["signUp"]["code"] is None
    assert (moved["signUp"]["state"], moved["signUp"]["place"]) == ("SIGNED_UP", None)
    assert moved["gathering"]["title"] == "茶会沙龙"
    assert (early.code, came.state) == ("ENTRY_NOT_OPEN", "ACCEPTED")
    assert [one["state"] for one in (await mine(shop, "lin"))["signUps"]] == ["CANCELLED"]
    counted = '{ attendance(gathering: "tea-salon") { seats taken free signedUp waiting attended missed cancelled } }'
    assert (await shop.ask(counted, token="staff"))["attendance"] == {
        "seats": 1, "taken": 1, "free": 0, "signedUp": 0, "waiting": 0, "attended": 1, "missed": 0, "cancelled": 1,
    }  # fmt: skip


async def test_nobody_signs_somebody_else_up_with_a_token_of_its_own(shop, lin):
    await shop.enrol("mei")
    mei = (await shop.ask("{ me { id } }", token="mei"))["me"]["id"]

    answer = await sign_up(shop, "lin", member={"id": mei})

    assert answer.code == "NOT_FOUND"
    assert (await mine(shop, "mei"))["signUps"] == []


async def test_a_code_that_was_not_made_here_is_not_found(shop, lin):
    answer = await shop.do(ATTEND, {"idempotencyKey": shop.key(), "code": "abc"}, token="service")

    assert answer.code == "NOT_FOUND"


async def test_a_full_salon_says_so(shop, lin):
    for name in ("mei", "wei"):
        await shop.enrol(name)
        await sign_up(shop, name)

    (seen,) = (await mine(shop, "lin"))["gatherings"]
    refused = await sign_up(shop, "lin")

    assert (seen["entry"]["state"], seen["signUp"]) == ("FULL", None)
    assert seen["entry"]["reason"].startswith("Tea salon is full.")
    assert (refused.code, refused.problem["message"]) == ("GATHERING_FULL", seen["entry"]["reason"])


async def test_a_draw_shows_its_commitment_before_and_its_seed_after(shop, lin):
    key = shop.key()
    entered = await shop.do(ENTER, {"idempotencyKey": key, "draw": "bag"}, token="lin")
    again = await shop.do(ENTER, {"idempotencyKey": key, "draw": "bag"}, token="lin")
    (before,) = (await mine(shop, "lin"))["draws"]

    await clock_comes_by(shop, days=3)
    (after,) = (await mine(shop, "lin"))["draws"]

    (ticket,) = entered.receipt["changes"]["tickets"]
    assert (again.replayed, again.receipt["changes"]["tickets"]) == (True, [ticket])
    assert ticket["commitment"] == before["draw"]["commitment"] == after["draw"]["commitment"]
    assert before["draw"]["seed"] is None
    assert lots.commitment(after["draw"]["seed"]) == before["draw"]["commitment"]
    assert (before["entry"]["state"], after["entry"]["state"]) == ("DONE", "CLOSED")
    assert [one["state"] for one in before["tickets"] + after["tickets"]] == ["OPEN", "WON"]
    assert after["draw"]["prizes"] == [{"count": 1, "left": 0, "odds": None}]
    assert after["tickets"][0]["number"] == ticket["number"]


async def test_a_poll_shows_its_counts_to_whoever_has_voted(shop, lin):
    await shop.enrol("mei")
    (before,) = (await mine(shop, "lin"))["polls"]

    voted = await shop.do(VOTE, {"idempotencyKey": shop.key(), "poll": "next-year", "choices": ["tea"]}, token="lin")
    twice = await shop.do(VOTE, {"idempotencyKey": shop.key(), "poll": "next-year", "choices": ["cake"]}, token="lin")

    assert (voted.state, twice.code) == ("ACCEPTED", "VOTED_ALREADY")
    assert (before["voters"], [one["votes"] for one in before["options"]]) == (None, [None, None])
    (after,) = (await mine(shop, "lin"))["polls"]
    assert (after["voters"], after["chosen"], after["entry"]["state"]) == (1, ["tea"], "DONE")
    assert {one["key"]: one["votes"] for one in after["options"]} == {"tea": 1, "cake": 0}
    (other,) = (await mine(shop, "mei"))["polls"]
    assert other["voters"] is None


async def test_whoever_is_nobody_here_is_let_in_nowhere(shop, lin):
    answer = await shop.post('{ attendance(gathering: "tea-salon") { seats } }', token="lin")

    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
