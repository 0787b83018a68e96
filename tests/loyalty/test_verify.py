"""The proof finds what is wrong: a proof that has never failed proves nothing."""

from dataclasses import replace

import pytest

from locales import LANGUAGES
from loyalty.events import Behaviour, PointsRedeem
from loyalty.proofs import PROOFS
from loyalty.replaying import Replayer
from loyalty.verify import verify
from models.points import Transfer
from tests.loyalty.conftest import Shop, back, lines, ref, shop_of
from tests.loyalty.occasions import PRIZE, SALON, WHEEL, enter, sign_up
from tests.loyalty.programme import documents

PIECE = "programme_id, member_id, id, event_id, benefit, state, issued_at, points, version, uses"
TAKEN = "programme_id, member_id, id, event_id, position, name"
ANEW = TAKEN.replace(" id,", " id + 9999,")
# What is planted, and the laws that must see it: those named, and perhaps others.
PLANTED = {
    "a point too many in a wallet": (
        "UPDATE wallets SET available = available + 1",
        {"WALLET_TRANSFERS", "WALLET_LOTS"},
    ),
    "a debt from nowhere": ("UPDATE wallets SET owed = owed + 1", {"WALLET_TRANSFERS"}),
    "a lot that lost a point": (
        "UPDATE lots SET remaining = remaining - 1 WHERE remaining > held",
        {"LOT_MOVES", "WALLET_LOTS"},
    ),
    "a hold that vanished": ("UPDATE holds SET state = 'released'", {"HOLDS"}),
    "a due instant that was forgotten": ("UPDATE wallets SET due_at = NULL", {"DUE_AT"}),
    "a tier out of nowhere": ("UPDATE standings SET tier = 'gold'", {"STANDING"}),
    "a date that nothing falls due on": ("UPDATE standings SET due_at = since", {"STANDING_DUE"}),
    "a cap used up": ("UPDATE limits SET used = used + 1", {"LIMIT"}),
    "an order returned twice": ("UPDATE orders SET returned = net", {"ORDER_RETURNS", "MEMBER_DAY"}),
    "figures that were never so": ("UPDATE day_deltas SET spend = spend + 1", {"DAY_FIGURES"}),
    "a day that forgot its orders": ("UPDATE member_days SET spend = spend + 1", {"MEMBER_DAY"}),
    "an entitlement used up": ("UPDATE entitlements SET state = 'used'", {"ENTITLEMENT"}),
    "a piece that nobody gave": (
        f"INSERT INTO entitlements ({PIECE}) SELECT {PIECE.replace(' id,', ' id + 9999,')} FROM entitlements",
        {"ENTITLEMENT_COUNT", "ENTITLEMENT"},
    ),
    "more taken than there was": (
        f"INSERT INTO counter_moves ({TAKEN}, amount, read) SELECT {ANEW}, 2, 1 FROM counter_moves",
        {"COUNTER_OVERDRAWN", "COUNTER"},
    ),
    "a code that leads nowhere": ("UPDATE codes SET entitlement_id = 1", {"CODE_ENTITLEMENT"}),
    "an accepted event without a place": ("UPDATE events SET position = NULL", {"EVENT_POSITION", "TRANSFER_EVENT"}),
    "a key that leads nowhere": ("UPDATE claims SET event_id = 1", {"CLAIM_EVENT"}),
    "a name that leads nowhere": ("UPDATE identities SET member_id = 1", {"IDENTITY_MEMBER"}),
    "a number that leads nowhere": ("UPDATE order_refs SET order_id = 1", {"REFERENCE_ORDER"}),
    "a pool that knows nothing of its member": ("UPDATE members SET pool_id = 1", {"POOL"}),
    "a counter that leaks": ('UPDATE counters SET "left" = "left" - 1', {"COUNTER"}),
    "seats that nobody sits on": ("UPDATE sign_ups SET seats = seats + 1", {"SEATS"}),
    "somebody in a line that is empty": ("UPDATE sign_ups SET state = 'waiting'", {"LINE", "SEATS"}),
    "a prize that was won twice": ("UPDATE tickets SET state = 'lost', prize = NULL", {"PRIZES"}),
    "a ticket that won and was given nothing": ("UPDATE tickets SET entitlement_id = NULL", {"TICKET_STATE"}),
}
UNPLANTED = {
    "LOT_BOUNDS": "the table's own checks forbid it",
    "TRANSFER_WALLET": "planted below",
    "TRANSIT": "planted below",
    "POSITION_TWICE": "planted below",
}


async def lived_in(db) -> Shop:
    """A shop with one of everything in its books."""
    stocked = {
        "title": {"en": "S", "zh-CN": "库"},
        "description": {"en": "S", "zh-CN": "库"},
        "kind": "gift",
        "stock": 5,
    }
    more = {"gatherings__salon": SALON, "draws__wheel": WHEEL, "benefits__bag": PRIZE}
    shop = await shop_of(db, documents(benefits__stocked=stocked, **more))
    await shop.enrol("lin")
    await sign_up(shop, "lin")
    await enter(shop, "lin", "wheel")
    await shop.order("lin", 50_000, "A1", lines=lines(20_000, 30_000))
    await shop.order("lin", 40_000, "A2")
    shop.later(days=8)
    await shop.one(shop.returned("A1", lines=back((0, 1))))
    await shop.one(Behaviour(shop.key(), "review.written", ref("lin"), shop.now, {"rating": 5}))
    await shop.redeem("lin", hold=True)
    await shop.redeem("lin")
    return shop


async def test_sound_books_have_no_findings(db):
    shop = await lived_in(db)
    told = []

    report = await verify(db, 1, lambda done, total: told.append((done, total)), replay=Replayer(shop.house))

    assert report.sound
    assert (report.members, report.replayed, told) == (1, 1, [(1, 1)])
    assert report.events == await shop.count("events")
    assert report.transfers == await shop.count("transfers") > 5


@pytest.mark.parametrize("fault", PLANTED)
async def test_a_planted_fault_is_found_and_said_in_both_languages(db, fault):
    await lived_in(db)
    sql, laws = PLANTED[fault]
    assert await db.run(sql) > 0

    report = await verify(db, 1)

    assert laws <= {finding.code for finding in report.findings}
    for finding in report.findings:
        assert len({finding.words(lang) for lang in LANGUAGES}) == 2
        assert finding.expected != finding.found


async def test_two_events_at_one_place_are_found(db):
    shop = await lived_in(db)
    await shop.enrol("wang")
    place = "(SELECT MIN(position) FROM events)"
    last = "(SELECT MAX(id) FROM events)"
    await db.run(f"UPDATE events SET position = {place} WHERE id = {last}")

    report = await verify(db, 1)

    assert "POSITION_TWICE" in {finding.code for finding in report.findings}


@pytest.mark.parametrize(
    ("changes", "law"),
    [
        ({"wallet": "nowhere"}, "TRANSFER_WALLET"),
        ({"debit": "available", "credit": "transit"}, "TRANSIT"),
        ({"position": 999_999}, "TRANSFER_EVENT"),
    ],
)
async def test_a_transfer_out_of_nowhere_is_found(db, changes, law):
    await lived_in(db)
    (row,) = await db.read(Transfer, "SELECT * FROM transfers WHERE reason = 'earned' ORDER BY id LIMIT 1")
    async with db.transaction() as connection:
        await connection.insert([replace(row, id=row.id + 4_000, **changes)])

    report = await verify(db, 1)

    found = {finding.code: finding for finding in report.findings}
    assert law in found
    assert all(found[law].words(lang) for lang in LANGUAGES)


def test_every_law_has_been_seen_to_fail():
    seen = {code for _, codes in PLANTED.values() for code in codes}

    assert {proof.code for proof in PROOFS} == seen | UNPLANTED.keys()


async def test_replay_says_which_row_is_otherwise_and_how(db):
    shop = await lived_in(db)
    await db.run("UPDATE orders SET channel = 'app' WHERE number = 'A2'")

    report = await verify(db, 1, replay=Replayer(shop.house))

    (finding,) = report.findings
    assert (finding.code, finding.expected, finding.found) == ("REPLAY", "channel=", "channel=app")
    assert finding.subject.startswith("orders ")
    assert all(finding.words(lang) for lang in LANGUAGES)


async def test_faults_of_one_programme_are_not_those_of_another(db):
    await lived_in(db)
    await db.run("UPDATE wallets SET available = available + 1")

    report = await verify(db, 2)

    assert report.sound
    assert report.members == 0


async def test_a_refused_request_leaves_sound_books(db):
    shop = await lived_in(db)

    receipt = await shop.one(PointsRedeem(shop.key(), ref("lin"), "gold-pack"))

    assert receipt.state == "refused"
    assert (await verify(db, 1, replay=Replayer(shop.house))).findings == []
