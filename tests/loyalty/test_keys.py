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
