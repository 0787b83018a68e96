"""Gatherings, draws and polls as documents: what is wrong between them, and lots that anybody can check."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from rules import lots
from rules.check import check
from rules.draws import PIECES_MAX, PRIZES_MAX, TICKETS_MAX
from rules.files import written
from rules.gatherings import GUESTS_MAX, SEATS_MAX, WAITING_MAX
from rules.polls import OPTIONS_MAX
from tests.rules.lab import Document, faults, folder, put, words

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/gatherings.md").read_text(encoding="utf-8")
EXAMPLES = {path: json.loads(text) for path, text in re.findall(r"^```json (\S+)\n(.*?)^```$", PAGE, re.M | re.S)}
SEED = "ab" * 32


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.M | re.S)


def test_every_example_of_the_page_is_sound():
    documents = folder() | EXAMPLES

    assert {path.split("/")[0] for path in EXAMPLES} == {"gatherings", "draws", "polls"}
    assert {EXAMPLES[path]["kind"] for path in EXAMPLES if path.startswith("draws/")} == {"at_close", "instant"}
    assert check(documents).faults == []
    assert [json.loads(written(path, one)) for path, one in EXAMPLES.items()] == list(EXAMPLES.values())


def test_the_formula_of_the_page_is_the_one_that_draws():
    (code,) = blocks("python")
    said: dict[str, Any] = {}

    exec(code, said)

    ticket = "0123456789abcdef0123"
    assert said["commitment"] == lots.commitment(SEED)
    assert said["lot"] == lots.lot(SEED, "daily-wheel", ticket)
    edge = Decimal(said["place"]) / 1_000_000
    assert lots.at_once(SEED, "daily-wheel", ticket, [("cup", edge)]) is None
    assert lots.at_once(SEED, "daily-wheel", ticket, [("cup", edge + Decimal("0.000001"))]) == "cup"


@pytest.mark.parametrize("document", blocks("graphql"))
def test_a_query_of_the_page_is_one_the_schema_answers(document):
    schema = build_schema((ROOT / "schema/schema.graphql").read_text(encoding="utf-8"))

    assert validate(schema, parse(document)) == []


def options(number: int) -> Document:
    return {f"o{index}": words("Option", "选项") for index in range(number)}


def prizes(number: int) -> list[Document]:
    return [{"benefit": f"b{index}", "count": 1} for index in range(number)]


EDGES: dict[str, tuple[str, int, Callable[[int], Callable[[Document], Any]], str]] = {
    "seats": ("gatherings/salon", SEATS_MAX, lambda n: put("seats", value=n), "OUT_OF_RANGE"),
    "places": ("gatherings/salon", WAITING_MAX, lambda n: put("waiting_list", "places", value=n), "OUT_OF_RANGE"),
    "pieces": ("draws/edition", PIECES_MAX, lambda n: put("prizes", 0, "count", value=n), "OUT_OF_RANGE"),
    "prizes": ("draws/edition", PRIZES_MAX, lambda n: put("prizes", value=prizes(n)), "BAD_LENGTH"),
    "tickets": ("draws/edition", TICKETS_MAX, lambda n: put("tickets_per_member", value=n), "OUT_OF_RANGE"),
    "wins": ("draws/edition", TICKETS_MAX, lambda n: put("wins_per_member", value=n), "OUT_OF_RANGE"),
    "options": ("polls/next-year", OPTIONS_MAX, lambda n: put("options", value=options(n)), "BAD_LENGTH"),
}


@pytest.mark.parametrize("name", EDGES)
def test_what_is_limited_is_so_at_its_edge_and_one_past_it(name):
    path, most, change, code = EDGES[name]
    at_it, past_it = folder(), folder()
    pack = at_it["benefits/pack"]
    for documents, number in ((at_it, most), (past_it, most + 1)):
        documents |= {f"benefits/b{index}": pack for index in range(PRIZES_MAX + 1)}
        change(number)(documents[path])

    assert faults(at_it) == []
    assert [(fault.path, fault.code) for fault in faults(past_it)] == [(path, code)]


def test_a_party_has_no_more_guests_than_a_sign_up_can():
    documents = folder()
    documents["gatherings/salon"] |= {"seats": 100, "guests": GUESTS_MAX}

    assert faults(documents) == []
    documents["gatherings/salon"]["guests"] = GUESTS_MAX + 1
    assert [fault.code for fault in faults(documents)] == ["OUT_OF_RANGE"]


def test_a_prize_is_counted_by_its_draw_alone():
    documents = folder()
    documents["benefits/pack"] |= {"stock": 5}

    found = {(fault.path, fault.pointer, fault.code) for fault in faults(documents)}

    assert found == {
        ("draws/edition", "/prizes/0/benefit", "PRIZE_COUNTED"),
        ("draws/wheel", "/prizes/0/benefit", "PRIZE_COUNTED"),
    }


def test_a_key_cannot_be_a_path():
    documents = folder()
    documents["polls/next/year"] = documents["polls/next-year"]

    assert [(fault.path, fault.code) for fault in check(documents).faults] == [("polls/next/year", "BAD_PATH")]


def test_the_seed_of_a_draw_is_published_as_its_sha_256():
    # $ printf '\xab%.0s' $(seq 32) | sha256sum
    assert lots.commitment(SEED) == "9a2db2e23f1504cd056606553ac049c5e718e8f9ce9233876df1a7a1821af885"


def test_at_the_close_the_prizes_go_down_the_list_of_lots():
    tickets = [lots.Ticket(f"t{number}", f"e{number % 4}") for number in range(8)]
    ranked = sorted(tickets, key=lambda one: lots.lot(SEED, "d", one.number))

    won = lots.at_close(SEED, "d", tickets, [("bag", 1), ("cup", 2)], wins=1)

    firsts: list[lots.Ticket] = []
    for one in ranked:
        if one.entrant not in {other.entrant for other in firsts}:
            firsts.append(one)
    assert won == {firsts[0].number: "bag", firsts[1].number: "cup", firsts[2].number: "cup"}


def test_there_are_never_more_winners_than_prizes_nor_than_tickets():
    tickets = [lots.Ticket(f"t{number}", "one") for number in range(3)]

    assert len(lots.at_close(SEED, "d", tickets, [("bag", 2)], wins=9)) == 2
    assert len(lots.at_close(SEED, "d", tickets, [("bag", 9)], wins=9)) == 3
    assert lots.at_close(SEED, "d", [], [("bag", 2)], wins=1) == {}


def test_at_once_a_lot_falls_where_the_odds_say():
    odds = [("bag", Decimal("0.1")), ("cup", Decimal("0.3"))]

    fell = [lots.at_once(SEED, "d", f"t{number}", odds) for number in range(10_000)]

    # The same for ever: no chance is in it.
    assert (fell.count("bag"), fell.count("cup")) == (1008, 2965)


def proof(kind: str, won: dict[str, str], **more: object) -> dict[str, object]:
    tickets = [{"number": f"t{n}", "entrant": f"e{n}", "prize": won.get(f"t{n}")} for n in range(50)]
    prizes = [{"benefit": "bag", "count": 2, "odds": "0.2"}]
    told = {"draw": "d", "kind": kind, "seed": SEED, "commitment": lots.commitment(SEED), "wins_per_member": 1}
    return {**told, "prizes": prizes, "tickets": tickets, "count": len(tickets), **more}


def tickets() -> list[lots.Ticket]:
    return [lots.Ticket(f"t{n}", f"e{n}") for n in range(50)]


def test_a_true_proof_has_no_fault_and_every_lie_is_found():
    won = lots.at_close(SEED, "d", tickets(), [("bag", 2)], 1)
    (first, second), loser = won, next(one.number for one in tickets() if one.number not in won)

    assert lots.faults(proof("at_close", won)) == []
    assert [code for code, _ in lots.faults(proof("at_close", won, commitment="0" * 64))] == ["commitment"]
    assert {one["ticket"] for _, one in lots.faults(proof("at_close", {first: "bag", loser: "bag"}))} == {second, loser}
    assert {code for code, _ in lots.faults(proof("at_close", {**won, loser: "bag"}))} == {"stock", "outcome"}


def test_a_draw_at_once_may_leave_a_lot_empty_only_when_its_prizes_are_gone():
    fell = [one.number for one in tickets() if lots.at_once(SEED, "d", one.number, [("bag", Decimal("0.2"))])]

    assert len(fell) > 2
    assert lots.faults(proof("instant", dict.fromkeys(fell[:2], "bag"))) == []
    assert {one["ticket"] for _, one in lots.faults(proof("instant", {fell[0]: "bag"}))} == set(fell[1:])


def test_a_ticket_cannot_be_in_the_list_twice():
    told = proof("at_close", lots.at_close(SEED, "d", tickets(), [("bag", 2)], 1))
    told["tickets"] = [*told["tickets"], told["tickets"][0]]  # type: ignore[misc,index]

    assert ("twice", {"ticket": "t0"}) in lots.faults(told)
