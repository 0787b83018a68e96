"""Tokens: twenty bad ones and more are refused, all alike; good ones stop when they should."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from secrets import token_bytes

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loyalty import keys
from loyalty.house import House
from loyalty.keys import Grant
from tests.story.conftest import ADMIN

ME = "query { me { id } }"
ANY = "query { programme { key } }"


def segment(value):
    """One part of a JWT, made by hand."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claims(shop, **changes):
    """What a good token claims, changed; None takes a claim away."""
    good = jwt.decode(shop.tokens["lin"], options={"verify_signature": False})
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(shop, *, key=None, algorithm="EdDSA", headers=None, **changes):
    """A token signed by us, or by somebody else."""
    own = Ed25519PrivateKey.from_private_bytes(shop.house.secrets.tokens)
    return jwt.encode(claims(shop, **changes), key or own, algorithm=algorithm, headers=headers)


def unsigned(shop):
    """A token that says it needs no signature."""
    return f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(claims(shop))}."


def public_bytes(shop):
    """The public half of our key, as whoever confuses algorithms would use it."""
    return Ed25519PrivateKey.from_private_bytes(shop.house.secrets.tokens).public_key().public_bytes_raw()


def pointing(shop, **headers):
    """A token that says itself where its key is."""
    return signed(shop, key=Ed25519PrivateKey.generate(), headers=headers)


def sealed(shop):
    """A member's id, as answers hold it."""
    return shop.house.secrets.seal("member", shop.live.programme_id, 1, 1)


def hashed(shop):
    """A key made of what the database keeps of one."""
    key = shop.tokens["service"]
    return f"lk_{key.split('_')[1]}_{keys.hash_of(shop.house.secrets, key)}"


JWTS = {
    "no signature": unsigned,
    "algorithm none in capitals": lambda shop: unsigned(shop).replace("none", "NONE"),
    "the public key as a shared secret": lambda shop: signed(shop, key=public_bytes(shop), algorithm="HS256"),
    "somebody else's key": lambda shop: signed(shop, key=Ed25519PrivateKey.generate()),
    "a key id that is a path": lambda shop: pointing(shop, kid="../../dev/null"),
    "a key that comes along": lambda shop: pointing(shop, jku="https://example.com/keys"),
    "over": lambda shop: signed(shop, exp=int(shop.clock.now.timestamp())),
    "no end": lambda shop: signed(shop, exp=None),
    "an end that is text": lambda shop: signed(shop, exp="later"),
    "no beginning": lambda shop: signed(shop, iat=None),
    "no id": lambda shop: signed(shop, jti=None),
    "no subject": lambda shop: signed(shop, sub=None),
    "a subject that is a number": lambda shop: signed(shop, sub="1"),
    "a subject sealed for something else": lambda shop: signed(shop, sub=sealed(shop)),
    "no issuer": lambda shop: signed(shop, iss=None),
    "another issuer": lambda shop: signed(shop, iss="somebody"),
    "no audience": lambda shop: signed(shop, aud=None),
    "another audience": lambda shop: signed(shop, aud="another programme"),
    "a changed claim": lambda shop: tampered(shop, sub="x"),
    "a cut signature": lambda shop: shop.tokens["lin"][:-4],
    "only two parts": lambda shop: shop.tokens["lin"].rpartition(".")[0],
    "longer than any token": lambda shop: shop.tokens["lin"] + "A" * 3000,
    "not a token": lambda shop: "hello",
    "nothing": lambda shop: "",
}  # fmt: skip
KEYS = {
    "another secret": lambda shop: shop.tokens["service"][:-1] + ("a" if shop.tokens["service"][-1] != "a" else "b"),
    "another id": lambda shop: shop.tokens["service"].replace("lk_", "lk_a"),
    "no secret": lambda shop: shop.tokens["service"].rpartition("_")[0] + "_",
    "only the prefix": lambda shop: "lk_",
    "four parts": lambda shop: shop.tokens["service"] + "_x",
    "the hash itself": hashed,
    "in capitals": lambda shop: shop.tokens["service"].upper(),
}  # fmt: skip


def tampered(shop, **changes):
    """A good token's signature under other claims."""
    head, _, signature = shop.tokens["lin"].split(".")
    return f"{head}.{segment(claims(shop, **changes))}.{signature}"


@pytest.mark.parametrize("make", [*JWTS.values(), *KEYS.values()], ids=[*JWTS, *KEYS])
async def test_a_bad_token_is_refused_without_a_word_of_why(shop, lin, make):
    response = await shop.post(ANY, token=make(shop) or "-")

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {
        "errors": [
            {
                "message": "A valid token is needed. Send `Authorization: Bearer` with a token that has not expired.",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }


@pytest.mark.parametrize("header", ["Basic bG9sOmxvbA==", "Bearer", "Bearer  ", "lk_x_y", "Bearer ключ"])
async def test_a_header_that_is_no_bearer_token_is_refused(shop, header):
    response = await shop.client.post("/graphql", json={"query": ANY}, headers={"authorization": header.encode()})

    assert response.status_code == 401


async def test_a_good_token_is_let_in_until_it_is_over(shop, lin):
    token = await shop.token_of(lin, hours=1)

    assert (await shop.post(ME, token=token)).status_code == 200
    shop.clock.wait(hours=1)
    assert (await shop.post(ME, token=token)).status_code == 401


async def test_a_key_stops_when_it_is_revoked_or_over(shop):
    await shop.let_in(
        "short", Grant("client:short", frozenset({"members:read"}), expires_at=shop.clock.now + timedelta(hours=1))
    )
    await shop.let_in("revoked", Grant("client:revoked", frozenset({"members:read"})))

    assert [(await shop.post(ANY, token=one)).status_code for one in ("short", "revoked")] == [200, 200]

    await keys.revoke(shop.house.db, ADMIN, shop.live, shop.tokens["revoked"].split("_")[1], now=shop.clock.now)
    shop.clock.wait(hours=1)

    assert [(await shop.post(ANY, token=one)).status_code for one in ("short", "revoked")] == [401, 401]


async def test_no_key_can_be_read_out_of_the_database(shop):
    rows = str(await shop.house.db.rows("SELECT * FROM api_keys"))

    assert [name for name in ("service", "partner") if shop.tokens[name].rpartition("_")[2] in rows] == []


async def test_nobody_is_served_without_a_token(shop):
    response = await shop.post(ANY, token="")

    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_key_bound_to_other_addresses_is_no_key_here(shop):
    here = Grant("client:here", frozenset({"members:read"}), ranges=("127.0.0.0/8",))
    await shop.let_in("here", here)
    await shop.let_in("elsewhere", replace(here, subject="client:elsewhere", ranges=("203.0.113.0/24",)))

    answers = [await shop.post("{ programme { key } }", token=name) for name in ("here", "elsewhere")]

    assert [answer.status_code for answer in answers] == [200, 401]


async def test_what_a_caller_says_of_its_own_address_counts_for_nothing(shop):
    await shop.let_in("elsewhere", Grant("client:far", frozenset({"members:read"}), ranges=("203.0.113.0/24",)))
    headers = {"authorization": f"Bearer {shop.tokens['elsewhere']}", "x-forwarded-for": "203.0.113.9"}

    answer = await shop.client.post("/graphql", json={"query": "{ programme { key } }"}, headers=headers)

    assert answer.status_code == 401


async def test_a_revoked_key_lets_nobody_in_anywhere_from_that_moment(shop):
    await shop.let_in("gone", Grant("client:gone", frozenset({"members:read"})))
    text = shop.tokens["gone"]
    other = House(shop.house.db, shop.house.secrets, token_bytes)  # Another process has only the database in common.
    assert await keys.find(other.db, other.secrets, text, shop.clock.now) is not None

    await keys.revoke(shop.house.db, ADMIN, shop.live, text.split("_")[1], now=shop.clock.now)

    assert await keys.find(other.db, other.secrets, text, shop.clock.now) is None
    assert (await shop.post("{ programme { key } }", token="gone")).status_code == 401
