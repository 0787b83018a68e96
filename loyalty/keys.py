"""Tokens: keys of clients, staff and partners, of which only a keyed hash is kept, and signed tokens of members.

An API key reads `lk_<id>_<secret>`: the id is public and finds the row, the whole text is what the hash is taken of. A
member token is a JWT, signed by Ed25519 with a key derived from the deployment's secret. Chance comes in at the door.
"""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loyalty import addresses
from loyalty.access import OF_PARTNERS, SCOPES, Caller, require
from loyalty.audit import Change, record
from loyalty.refusals import Malformed, Refused
from loyalty.rulebook import Live
from loyalty.seals import Secrets
from models.connection import Connection
from models.control import ApiKey
from models.database import Database

PREFIX: Final = "lk"
CHANCE_BYTES: Final = 40  # 8 for the id, 32 for the secret.
ID_BYTES: Final = 8
KEY_MAX: Final = 200
TOKEN_MAX: Final = 2_000
ISSUER: Final = "perennial"
ALGORITHM: Final = "EdDSA"
REQUIRED: Final = ("iss", "aud", "sub", "exp", "iat", "jti")
MEMBER_TOKEN: Final = timedelta(minutes=15)
AUDIENCE: Final = "token"


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a key is for: its subject (keys of idempotency belong to it), what it may do, until when."""

    subject: str
    scopes: frozenset[str]
    shops: tuple[str, ...] = ("main",)
    partner: str | None = None
    expires_at: datetime | None = None
    ranges: tuple[str, ...] = ()  # Addresses it is good from, as CIDR; from anywhere where none is named.


async def issue(
    db: Database,
    secrets: Secrets,
    caller: Caller,
    live: Live,
    grant: Grant,
    *,
    chance: bytes,
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key. Its text is handed out this once, and kept nowhere."""
    require(caller, "admin")
    if unknown := sorted(grant.scopes - SCOPES.keys()):
        raise Malformed("SCOPE_UNKNOWN", field="scopes", scopes=", ".join(unknown), allowed=", ".join(SCOPES))
    if grant.partner is None and grant.scopes & OF_PARTNERS:
        raise Malformed("PARTNER_NEEDED", field="partner")
    if grant.partner is not None and (beyond := sorted(grant.scopes - OF_PARTNERS)):
        params = {"scopes": ", ".join(beyond), "allowed": ", ".join(sorted(OF_PARTNERS))}
        raise Malformed("SCOPE_UNKNOWN", field="scopes", **params)
    text = _text_of(chance)
    async with db.transaction() as connection:
        at = now or await connection.clock()
        row = ApiKey(
            id=id_of(chance),
            hash=hash_of(secrets, text),
            programme=live.name,
            subject=grant.subject,
            scopes=" ".join(sorted(grant.scopes)),
            shops=" ".join(grant.shops),
            partner=grant.partner,
            created_at=at,
            expires_at=grant.expires_at,
            revoked_at=None,
            ranges=" ".join(addresses.network(one) for one in grant.ranges),
        )
        await connection.insert([row])
        after = {"subject": row.subject, "scopes": row.scopes, "partner": row.partner, "ranges": row.ranges}
        await record(connection, live.programme_id, caller, Change("key.issue", row.id, at, after=after))
    return row, text


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key for an old one: until when the old one is still good, and the new one."""

    overlap: timedelta
    expires_at: datetime | None


async def rotate(
    db: Database,
    secrets: Secrets,
    caller: Caller,
    live: Live,
    key_id: str,
    rotation: Rotation,
    *,
    chance: bytes,
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key that may do what another may. Both are good for the overlap; what that one had replaced ends now."""
    require(caller, "admin")
    text = _text_of(chance)
    async with db.transaction() as connection:
        at = now or await connection.clock()
        old = await _of(connection, live, key_id)
        if not _good(old, at):
            raise Refused("KEY_OVER", key=key_id)
        until = at + rotation.overlap
        ends = until if old.expires_at is None else min(until, old.expires_at)
        made = replace(
            old,
            id=id_of(chance),
            hash=hash_of(secrets, text),
            created_at=at,
            expires_at=rotation.expires_at,
            replaces=old.id,
        )
        if old.replaces is not None:
            before = await _of(connection, live, old.replaces)
            await connection.update([replace(before, revoked_at=before.revoked_at or at)], ("revoked_at",))
        await connection.update([replace(old, expires_at=ends)], ("expires_at",))
        await connection.insert([made])
        after = {"replaces": old.id, "until": ends.isoformat()}
        await record(connection, live.programme_id, caller, Change("key.rotate", made.id, at, after=after))
    return made, text


def id_of(chance: bytes) -> str:
    """The id of the key that is made by this chance."""
    return _text(chance[:ID_BYTES])


async def listed(db: Database, caller: Caller, live: Live) -> list[ApiKey]:
    """The programme's keys, the newest first; none of them can be read again."""
    require(caller, "admin")
    return await db.read(ApiKey, "SELECT * FROM api_keys WHERE programme = $1 ORDER BY created_at DESC, id", live.name)


async def revoke(db: Database, caller: Caller, live: Live, key_id: str, *, now: datetime | None = None) -> ApiKey:
    """From now on nobody is let in by this key."""
    require(caller, "admin")
    async with db.transaction() as connection:
        found = await _of(connection, live, key_id)
        at = now or await connection.clock()
        row = replace(found, revoked_at=found.revoked_at or at)
        await connection.update([row], ("revoked_at",))
        await record(connection, live.programme_id, caller, Change("key.revoke", key_id, at))
    return row


async def _of(connection: Connection, live: Live, key_id: str) -> ApiKey:
    sql = "SELECT * FROM api_keys WHERE id = $1 AND programme = $2"
    rows: list[ApiKey] = await connection.read(ApiKey, sql, key_id, live.name)
    if not rows:
        raise Refused("NOT_FOUND")
    return rows[0]


async def find(db: Database, secrets: Secrets, text: str, now: datetime, address: str = "") -> Caller | None:
    """Whoever holds this key, while it is good, and from where it is."""
    parts = text.split("_") if len(text) <= KEY_MAX else []
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    rows = await db.read(ApiKey, "SELECT * FROM api_keys WHERE id = $1", parts[1])
    # The same work whether there is such a row or not: time tells nothing.
    expected = rows[0].hash if rows else ""
    if not hmac.compare_digest(hash_of(secrets, text).encode(), expected.encode()) or not _good(rows[0], now):
        return None
    if not addresses.among(address, rows[0].ranges.split()):
        return None
    return caller_of(rows[0])


def caller_of(row: ApiKey) -> Caller:
    """The caller a key stands for."""
    scopes = frozenset(row.scopes.split())
    return Caller(row.subject, row.programme, scopes, partner=row.partner, shops=tuple(row.shops.split()))


def member_token(
    secrets: Secrets, live: Live, member_id: int, *, token_id: str, now: datetime, expires_at: datetime
) -> str:
    """A signed token of one member, for front ends."""
    claims = {
        "iss": ISSUER,
        "aud": live.name,
        "sub": secrets.seal("member", live.programme_id, member_id, member_id, AUDIENCE),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": token_id,
    }
    return jwt.encode(claims, _signer(secrets), algorithm=ALGORITHM)


def read_member_token(secrets: Secrets, text: str, audiences: Iterable[str], now: datetime) -> Caller | None:
    """The member a token was made for; None for one that is not ours, not complete, or over."""
    claims = _claims(secrets, text, audiences, now)
    if claims is None:
        return None
    try:
        _, member_id, _ = secrets.unseal("member", claims["sub"], AUDIENCE)
    except Malformed:
        return None
    return Caller(f"member:{member_id}", str(claims["aud"]), frozenset({"member"}), member_id=member_id)


def _claims(secrets: Secrets, text: str, audiences: Iterable[str], now: datetime) -> dict[str, Any] | None:
    """What a token of ours claims, while it is good."""
    if len(text) > TOKEN_MAX:
        return None
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            _signer(secrets).public_key(),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=list(audiences),
            # Whether it is over is asked of the clock that was handed in, below.
            options={"require": list(REQUIRED), "verify_exp": False, "verify_iat": False},
        )
        over = datetime.fromtimestamp(int(claims["exp"]), UTC) <= now
    except (jwt.PyJWTError, ValueError, OverflowError, TypeError):
        return None
    return None if over or not isinstance(claims["sub"], str) else claims


def partner_pass(secrets: Secrets, live: Live, member_id: int, partner: str, *, token_id: str, now: datetime) -> str:
    """What a member shows at one partner's till, for 15 minutes: it opens nothing, and means nothing to another."""
    claims = {
        "iss": ISSUER,
        "aud": _pass_audience(live, partner),
        "sub": secrets.seal("member", live.programme_id, member_id, member_id, _pass_audience(live, partner)),
        "iat": int(now.timestamp()),
        "exp": int((now + MEMBER_TOKEN).timestamp()),
        "jti": token_id,
    }
    return jwt.encode(claims, _signer(secrets), algorithm=ALGORITHM)


def read_partner_pass(secrets: Secrets, live: Live, partner: str, text: str, now: datetime) -> int | None:
    """The member that shows a pass to this partner; None for one that is over, another's, or none of ours."""
    audience = _pass_audience(live, partner)
    claims = _claims(secrets, text, [audience], now)
    try:
        return None if claims is None else secrets.unseal("member", claims["sub"], audience)[1]
    except Malformed:
        return None


def _pass_audience(live: Live, partner: str) -> str:
    return f"{live.name}/partner:{partner}"  # No programme is named so: it is nobody's token.


def hash_of(secrets: Secrets, text: str) -> str:
    """What is kept of a key."""
    return hmac.digest(secrets.api_keys, text.encode(), "sha256").hex()


def _good(row: ApiKey, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def _signer(secrets: Secrets) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secrets.tokens)


def _text_of(chance: bytes) -> str:
    return f"{PREFIX}_{id_of(chance)}_{_text(chance[ID_BYTES:])}"


def _text(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()
