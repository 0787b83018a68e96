"""Tokens: shown once, kept as hashes, good until they are not; and no forged one is ever let in."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loyalty import keys
from loyalty.access import Caller, scopes_of
from loyalty.refusals import Forbidden, Malformed, Refused
from loyalty.seals import Secrets
from tests.loyalty.conftest import ADMIN, START, Shop

CHANCE = bytes(range(keys.CHANCE_BYTES))
HOUR = timedelta(hours=1)


async def issued(shop: Shop, **more: Any) -> str:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    grant = keys.Grant("client:pos", scopes_of(["service"]), ("main", "store"), **more)
    _, text = await keys.issue(shop.house.db, shop.house.secrets, ADMIN, live, grant, chance=CHANCE, now=START)
    return text


async def let_in(shop: Shop, text: str, at: Any = START) -> Caller | None:
    return await keys.find(shop.house.db, shop.house.secrets, text, at)


async def member_token(shop: Shop, member_id: int = 7) -> str:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    return keys.member_token(shop.house.secrets, live, member_id, token_id="t1", now=START, expires_at=START + HOUR)


def read(shop: Shop, text: str, at: Any = START, audiences: tuple[str, ...] = ("story",)) -> Caller | None:
    return keys.read_member_token(shop.house.secrets, text, audiences, at)


async def test_a_key_lets_in_whom_it_was_made_for(shop):
    text = await issued(shop)

    caller = await let_in(shop, text)

    assert caller == Caller("client:pos", "story", scopes_of(["service"]), shops=("main", "store"))


async def test_a_key_is_kept_as_a_hash_only(shop):
    text = await issued(shop)

    (row,) = await shop.house.db.rows("SELECT * FROM api_keys")

    assert text not in str(row)
    assert text.split("_")[2] not in str(row)
    assert await shop.count("audit", "action = 'key.issue'") == 1


async def test_a_key_is_good_until_its_hour_and_no_longer(shop):
    text = await issued(shop, expires_at=START + HOUR)

    assert await let_in(shop, text, START + HOUR - timedelta(microseconds=1)) is not None
    assert await let_in(shop, text, START + HOUR) is None


async def test_a_revoked_key_lets_nobody_in(shop):
    text = await issued(shop)
    live = await shop.house.rulebook.programme(shop.house.db, "story")

    await keys.revoke(shop.house.db, ADMIN, live, text.split("_")[1], now=START)

    assert await let_in(shop, text) is None
    with pytest.raises(Refused, match="NOT_FOUND"):
        await keys.revoke(shop.house.db, ADMIN, live, "nobody", now=START)


async def test_a_key_with_one_sign_changed_lets_nobody_in(shop):
    text = await issued(shop)
    prefix, key_id, secret = text.split("_")
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")

    for forged in (
        f"{prefix}_{key_id}_{wrong}",
        f"{prefix}_{key_id}_",
        f"{prefix}_x_{secret}",
        "",
        "lk",
        "a_b_c",
        text * 9,
    ):
        assert await let_in(shop, forged) is None


async def test_a_key_cannot_carry_what_does_not_exist(shop):
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    grant = keys.Grant("client:pos", frozenset({"everything"}))

    with pytest.raises(Malformed, match="SCOPE_UNKNOWN"):
        await keys.issue(shop.house.db, shop.house.secrets, ADMIN, live, grant, chance=CHANCE, now=START)


@pytest.mark.parametrize("scope", ["partner", "partner:verify"])
async def test_a_key_for_codes_names_its_partner(shop, scope):
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    grant = keys.Grant("partner:tea", frozenset({scope}))

    with pytest.raises(Malformed, match="PARTNER_NEEDED"):
        await keys.issue(shop.house.db, shop.house.secrets, ADMIN, live, grant, chance=CHANCE, now=START)
    assert await shop.count("api_keys") == 0


async def test_only_an_administrator_makes_keys(shop):
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    marketer = Caller("staff:m", "story", scopes_of(["marketer"]))

    with pytest.raises(Forbidden):
        await keys.listed(shop.house.db, marketer, live)


async def test_a_members_token_is_that_members(shop):
    caller = read(shop, await member_token(shop))

    assert caller == Caller("member:7", "story", frozenset({"member"}), member_id=7)


async def test_a_members_token_ends(shop):
    text = await member_token(shop)

    assert read(shop, text, START + HOUR - timedelta(seconds=1)) is not None
    assert read(shop, text, START + HOUR) is None


async def test_a_token_of_another_house_or_programme_is_none(shop):
    text = await member_token(shop)
    other = Secrets.from_text("the secret of another house, long")

    assert keys.read_member_token(other, text, ("story",), START) is None
    assert read(shop, text, audiences=("elsewhere",)) is None


@pytest.mark.parametrize("missing", keys.REQUIRED)
async def test_a_token_without_one_of_its_claims_is_none(shop, missing):
    signer = Ed25519PrivateKey.from_private_bytes(shop.house.secrets.tokens)
    claims = jwt.decode(await member_token(shop), options={"verify_signature": False})
    del claims[missing]

    assert read(shop, jwt.encode(claims, signer, algorithm="EdDSA")) is None


async def test_a_token_signed_otherwise_is_none(shop):
    claims = jwt.decode(await member_token(shop), options={"verify_signature": False})
    public = Ed25519PrivateKey.from_private_bytes(shop.house.secrets.tokens).public_key().public_bytes_raw()
    forged = [
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, public + bytes(32), algorithm="HS256"),
        jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA"),
        (await member_token(shop))[:-4] + "AAAA",
        "a.b.c",
        "x" * 3_000,
    ]

    assert [read(shop, text) for text in forged] == [None] * len(forged)


async def test_a_token_that_names_somebody_in_clear_is_none(shop):
    signer = Ed25519PrivateKey.from_private_bytes(shop.house.secrets.tokens)
    claims = jwt.decode(await member_token(shop), options={"verify_signature": False})

    for subject in ("8", "member:8", ""):
        assert read(shop, jwt.encode(claims | {"sub": subject}, signer, algorithm="EdDSA")) is None


async def rotated(shop: Shop, key_id: str, chance: int, at: Any, overlap: timedelta = HOUR) -> str:
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    rotation = keys.Rotation(overlap, at + 90 * 24 * HOUR)
    made = bytes([chance]) * keys.CHANCE_BYTES
    _, text = await keys.rotate(shop.house.db, shop.house.secrets, ADMIN, live, key_id, rotation, chance=made, now=at)
    return text


async def test_a_rotated_key_and_the_new_one_are_both_good_for_the_overlap(shop):
    old = await issued(shop)

    new = await rotated(shop, keys.id_of(CHANCE), 7, START)

    during, after = START + HOUR - timedelta(seconds=1), START + HOUR
    assert await let_in(shop, old, during) == await let_in(shop, new, during)
    assert await let_in(shop, old, after) is None
    assert await let_in(shop, new, after) == Caller(
        "client:pos", "story", scopes_of(["service"]), shops=("main", "store")
    )
    assert await shop.count("audit", "action = 'key.rotate'") == 1


async def test_there_are_never_more_than_two_good_keys(shop):
    first = await issued(shop)
    second = await rotated(shop, keys.id_of(CHANCE), 7, START)

    third = await rotated(shop, second.split("_")[1], 8, START)

    assert [await let_in(shop, key) is not None for key in (first, second, third)] == [False, True, True]


async def test_a_key_that_is_over_is_not_rotated(shop):
    await issued(shop, expires_at=START + HOUR)

    with pytest.raises(Refused) as refused:
        await rotated(shop, keys.id_of(CHANCE), 7, START + HOUR)

    assert refused.value.code == "KEY_OVER"
    assert await shop.count("api_keys") == 1


RANGED = ("10.1.0.0/16", "2001:db8::/32", "192.0.2.7")


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("10.1.255.3", True),
        ("::ffff:10.1.0.1", True),
        ("2001:db8:1::5", True),
        ("192.0.2.7", True),
        ("10.2.0.1", False),
        ("192.0.2.8", False),
        ("2001:db9::1", False),
        ("", False),
        ("till-4.local", False),
    ],
)
async def test_a_key_bound_to_addresses_is_good_from_there_alone(shop, address, good):
    text = await issued(shop, ranges=RANGED)

    found = await keys.find(shop.house.db, shop.house.secrets, text, START, address)

    assert (found is not None) is good


async def test_a_range_that_is_none_makes_no_key(shop):
    for wrong in ("10.1.0.1/16", "10.1.0.0/40", "everywhere"):
        with pytest.raises(Malformed) as refused:
            await issued(shop, ranges=(wrong,))
        assert (refused.value.code, refused.value.params["range"]) == ("INVALID_RANGE", wrong)

    assert await shop.count("api_keys") == 0


async def test_a_partners_key_can_do_nothing_but_what_partners_do(shop):
    live = await shop.house.rulebook.programme(shop.house.db, "story")
    grant = keys.Grant("partner:tea", frozenset({"partner", "members:read"}), partner="tea-house")

    with pytest.raises(Malformed) as refused:
        await keys.issue(shop.house.db, shop.house.secrets, ADMIN, live, grant, chance=CHANCE, now=START)

    assert (refused.value.code, refused.value.params["scopes"]) == ("SCOPE_UNKNOWN", "members:read")
