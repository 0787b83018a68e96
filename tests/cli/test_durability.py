"""The shell does not start on a database that may lose what was acknowledged, unless it is told to."""

import asyncio

import pytest

from tests.models.test_durability import careless


@pytest.mark.parametrize("command", [("worker", "--once"), ("serve", "--port", "0")], ids=" ".join)
def test_a_careless_database_is_refused_with_what_to_do(house, database_url, dialect, monkeypatch, command):
    url = asyncio.run(careless(database_url, dialect))

    monkeypatch.setenv("LOYALTY_DATABASE_URL", url)

    said = house(*command)

    assert (said.code, said.out) == (1, "")
    assert "synchronous" in said.err
    assert "LOYALTY_DURABILITY=warn" in said.err


def test_whoever_asks_for_it_starts_with_a_warning(house, database_url, dialect, monkeypatch):
    url = asyncio.run(careless(database_url, dialect))
    monkeypatch.setenv("LOYALTY_DATABASE_URL", url)
    monkeypatch.setenv("LOYALTY_DURABILITY", "warn")

    said = house("worker", "--once")

    assert said.code == 0
    assert "synchronous" in said.err
    assert "LOYALTY_DURABILITY" not in said.err


def test_a_careful_database_starts_without_a_word_about_it(house):
    said = house("worker", "--once")

    assert said.code == 0
    assert "synchronous" not in said.err
