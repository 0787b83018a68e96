"""Keys derived from the deployment's one secret, each for one purpose: unguessable hashes, ids that say nothing.

An opaque id is sealed by AES-SIV (RFC 5297): equal ids give equal texts for one audience, other texts for another, and
a text that was not made here is NOT_FOUND, like an id of somebody else.
"""

import base64
import hashlib
import hmac
import struct
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from loyalty.refusals import Malformed

SECRET_MIN: Final = 32
CODE_LETTERS: Final = 16  # Of base32: 80 bits.
WHERE: Final = struct.Struct(">qqq")  # Programme, holder, id.
SEALED_MAX: Final = 200
UNSEEN: Final = "ZC"  # The categories of blanks, and of signs that show nothing.


@dataclass(frozen=True, slots=True)
class Secrets:
    """The derived keys. Nothing here is stored; whoever has the secret has them all."""

    identity: bytes
    bodies: bytes
    codes: bytes
    api_keys: bytes
    tokens: bytes
    personal: bytes
    ids: bytes
    draws: bytes = b""
    cards: bytes = b""

    @classmethod
    def from_text(cls, secret: str) -> "Secrets":
        """Derive every key from the deployment's secret, 32 characters at least."""
        if len(secret) < SECRET_MIN:
            raise ValueError(f"the secret needs {SECRET_MIN} characters at least")
        return cls(
            identity=_derived(secret, "identity"),
            bodies=_derived(secret, "bodies"),
            codes=_derived(secret, "codes"),
            api_keys=_derived(secret, "api-keys"),
            tokens=_derived(secret, "tokens"),
            personal=_derived(secret, "personal", 64),
            ids=_derived(secret, "ids", 64),
            draws=_derived(secret, "draws"),
            cards=_derived(secret, "cards"),
        )

    def identity_hash(self, programme_id: int, kind: str, value: str) -> str:
        """What an identity is found by: a keyed hash of its normalised value."""
        return _hash(self.identity, str(programme_id), kind, normalised(kind, value))

    def body_hash(self, body: str) -> str:
        """What an idempotency key stands for: a keyed hash of operation and input."""
        return _hash(self.bodies, body)

    def code_of(self, programme_id: int, entitlement_id: int) -> str:
        """The code of an entitlement, four times four letters: made again when it is shown, kept nowhere."""
        digest = hmac.digest(self.codes, f"{programme_id}/{entitlement_id}".encode(), "sha256")
        letters = base64.b32encode(digest).decode()[:CODE_LETTERS]
        return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))

    def code_hash(self, programme_id: int, code: str) -> str:
        """What a presented code is looked up by; case and dashes make no difference."""
        return _hash(self.codes, str(programme_id), code.upper().replace("-", "").replace(" ", ""))

    def draw_of(self, programme_id: int, draw: str, purpose: str, number: int) -> str:
        """What a draw goes by: its seed, the number of a ticket, the tag of an entrant; 64 hexadecimal digits each.

        The seed is published once the draw is closed: nothing else can be told from it.
        """
        return _hash(self.draws, str(programme_id), draw, purpose, str(number))

    def seal(self, kind: str, programme_id: int, member_id: int, number: int, audience: str = "") -> str:
        """An opaque id: kind, programme, holder and number, for one audience."""
        sealed = AESSIV(self.ids).encrypt(WHERE.pack(programme_id, member_id, number), _said(kind, audience))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def unseal(self, kind: str, text: str, audience: str = "") -> tuple[int, int, int]:
        """(programme, holder, number) again; NOT_FOUND for whatever was not sealed here for this audience."""
        try:
            if len(text) > SEALED_MAX:
                raise ValueError
            sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            programme_id, member_id, number = WHERE.unpack(AESSIV(self.ids).decrypt(sealed, _said(kind, audience)))
        except (ValueError, InvalidTag, struct.error):
            raise Malformed("NOT_FOUND") from None
        return programme_id, member_id, number


def normalised(kind: str, value: str) -> str:
    """One spelling of an identity: width, case and blanks make no difference, nor signs in a phone number.

    Empty where nothing is left that could tell one person from another.
    """
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    if kind == "phone":
        text = "".join(sign for sign in text if sign.isdigit() or sign == "+")
        return text if text.strip("+") else ""
    return text if any(unicodedata.category(sign)[0] not in UNSEEN for sign in text) else ""


def _derived(secret: str, purpose: str, length: int = 32) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"perennial/{purpose}".encode()).derive(
        secret.encode()
    )


def _hash(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\x00".join(parts).encode(), hashlib.sha256).hex()


def _said(kind: str, audience: str) -> list[bytes]:
    return [kind.encode(), audience.encode()]
