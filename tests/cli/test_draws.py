"""`loyalty draws …`: what is published of a draw that closed can be checked by anybody, without the database."""

import asyncio
import json
from secrets import token_bytes

import pytest

from loyalty import closings
from loyalty.house import House
from rules import lots
from tests.cli.conftest import SECRET, Said, Shell
from tests.loyalty.conftest import Shop
from tests.loyalty.occasions import EDITION, PRIZE, WHEEL, enter

NAMES = ("lin", "mei", "wei", "bao", "xia")
OPEN = {"opens_at": "2000-01-01", "closes_at": "2999-01-01"}


async def entered(url: str, *, close: bool) -> None:
    house = await House.open(url, SECRET, token_bytes)
    try:
        live = await house.rulebook.programme(house.db, "story")
        async with house.db.transaction() as connection:
            now = await connection.clock()
        shop = Shop(house, now)
        for name in NAMES:
            await shop.enrol(name)
            for key in ("edition", "wheel"):
                assert (await enter(shop, name, key)).state == "accepted"
        for key in ("edition", "wheel") if close else ():
            await closings.draw(house, live, key, live.newest.ruleset.draws[key], now)
    finally:
        await house.close()


@pytest.fixture
def declared(house: Shell) -> Shell:
    """A shell whose programme has a draw of each kind, open."""
    draws = {"draws__edition": EDITION | {"entry": OPEN}, "draws__wheel": WHEEL | {"entry": OPEN}}
    house.programme(benefits__bag=PRIZE, **draws)
    said = house("rules", "publish", "rules/programmes/story")
    assert said.code == 0, said.err
    return house


@pytest.fixture
def closed(declared: Shell, database_url: str) -> Shell:
    """The same, drawn among five tickets each."""
    asyncio.run(entered(database_url, close=True))
    return declared


def checked(shell: Shell, proof: object) -> Said:
    return shell("draws", "check", str(shell.write("proof.json", json.dumps(proof))))


@pytest.mark.parametrize(("key", "won"), [("edition", 2), ("wheel", 2)])
def test_a_true_proof_holds_without_a_database(closed, monkeypatch, key, won):
    proof = closed("draws", "proof", key)
    for name in ("LOYALTY_DATABASE_URL", "LOYALTY_SECRET"):
        monkeypatch.delenv(name)

    said = checked(closed, proof.json)

    assert (proof.code, proof.json["commitment"]) == (0, lots.commitment(proof.json["seed"]))
    assert (said.code, said.out) == (0, f"The draw {key} holds: 5 tickets, {won} won.\n")
    assert "核验无误" in closed("draws", "check", "proof.json", "--lang", "zh-CN").out


@pytest.mark.parametrize("key", ["edition", "wheel"])
def test_an_outcome_that_was_changed_is_found(closed, key):
    proof = closed("draws", "proof", key).json
    loser = next(one for one in proof["tickets"] if one["prize"] is None)
    loser["prize"] = "bag"

    said = checked(closed, proof)

    assert said.code == 1
    assert "Of bag there were 2, and 3 were won." in said.out.splitlines()


def test_a_winner_that_was_put_for_another_is_found_with_both_tickets(closed):
    proof = closed("draws", "proof", "edition").json
    loser = next(one for one in proof["tickets"] if one["prize"] is None)
    winner = next(one for one in proof["tickets"] if one["prize"] == "bag")
    winner["prize"], loser["prize"] = None, "bag"

    said = checked(closed, proof)

    assert said.code == 1
    assert sorted(said.out.splitlines()) == sorted(
        [
            f"Ticket {loser['number']}: by the seed it is –, the list says bag.",
            f"Ticket {winner['number']}: by the seed it is bag, the list says –.",
        ]
    )


def test_a_seed_that_was_changed_is_found(closed):
    proof = closed("draws", "proof", "edition").json
    proof["seed"] = "0" * 64

    said = checked(closed, proof)

    expected = f"its SHA-256 is {lots.commitment('0' * 64)}, published was {proof['commitment']}."
    assert said.code == 1
    assert f"The seed is not the one that was committed to: {expected}" in said.out.splitlines()


@pytest.mark.parametrize("won", [True, False])
def test_a_ticket_that_is_missing_is_found_whether_it_won_or_not(closed, won):
    proof = closed("draws", "proof", "edition").json
    missing = next(one for one in proof["tickets"] if (one["prize"] is not None) == won)
    proof["tickets"].remove(missing)

    said = checked(closed, proof)

    assert said.code == 1
    assert "The draw was made among 5 tickets; the list has 4." in said.out.splitlines()


def test_before_the_close_nothing_is_published_of_the_seed(declared, database_url):
    asyncio.run(entered(database_url, close=False))

    said, unknown = declared("draws", "proof", "edition"), declared("draws", "proof", "nothing")

    assert (said.code, said.out) == (1, "")
    assert said.err == "The draw edition has not been drawn yet: its seed is secret until then.\n"
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("There is no draw nothing.")


@pytest.mark.parametrize("content", ["no JSON", "[]", "{}", '{"draw": "d", "seed": "x", "wins_per_member": 1}'])
def test_a_file_that_is_no_proof_is_a_mistake_of_usage(shell, content):
    shell.write("proof.json", content)

    said = shell("draws", "check", "proof.json")

    assert said.code == 2
    assert "This is no proof of a draw" in said.out + said.err
    assert "Traceback" not in said.out + said.err
