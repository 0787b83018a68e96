"""Expected failures: one enum of codes, and the words for each in the reader's language.

The code is the source and the words are looked up by it, never the other way round. What nobody expected leaves as
INTERNAL with an id to quote, and nothing else.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError

from loyalty.refusals import Malformed, Refused, worded
from models.errors import Unavailable

ERRORS_MAX = 5


@strawberry.enum(
    description="Why something was refused. Keep a default branch: codes are added as the programme grows."
)
class ErrorCode(Enum):
    """Every code there is; its words are `error.<CODE>` in `locales/`."""

    ATTENDED_ALREADY = "ATTENDED_ALREADY"
    ATTRIBUTE_UNKNOWN = "ATTRIBUTE_UNKNOWN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BALANCE_FULL = "BALANCE_FULL"
    BASKET_TOO_SMALL = "BASKET_TOO_SMALL"
    BENEFIT_UNKNOWN = "BENEFIT_UNKNOWN"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    CANCEL_WINDOW_OVER = "CANCEL_WINDOW_OVER"
    CLAIM_TOO_LATE = "CLAIM_TOO_LATE"
    CARD_EXPIRED = "CARD_EXPIRED"
    CARD_UNKNOWN = "CARD_UNKNOWN"
    CODE_EXPIRED = "CODE_EXPIRED"
    CODE_UNKNOWN = "CODE_UNKNOWN"
    CODE_USED = "CODE_USED"
    CONFLICT = "CONFLICT"
    CONSENT_CHANNEL_UNKNOWN = "CONSENT_CHANNEL_UNKNOWN"
    CONSENT_UNKNOWN = "CONSENT_UNKNOWN"
    CURRENCY_RATE_MISSING = "CURRENCY_RATE_MISSING"
    DISPUTE_CLOSED = "DISPUTE_CLOSED"
    DOCUMENT_INVALID = "DOCUMENT_INVALID"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    DRAW_UNKNOWN = "DRAW_UNKNOWN"
    ENTITLEMENT_CLOSED = "ENTITLEMENT_CLOSED"
    ENTRY_CLOSED = "ENTRY_CLOSED"
    ENTRY_NOT_OPEN = "ENTRY_NOT_OPEN"
    EVENT_TYPE_UNKNOWN = "EVENT_TYPE_UNKNOWN"
    FIXED_SETTING = "FIXED_SETTING"
    EXPORT_TOO_LARGE = "EXPORT_TOO_LARGE"
    FORBIDDEN = "FORBIDDEN"
    GATHERING_FULL = "GATHERING_FULL"
    GATHERING_UNKNOWN = "GATHERING_UNKNOWN"
    HOLD_CLOSED = "HOLD_CLOSED"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    IDENTITY_LAST = "IDENTITY_LAST"
    IDENTITY_TAKEN = "IDENTITY_TAKEN"
    INSUFFICIENT_POINTS = "INSUFFICIENT_POINTS"
    INTERNAL = "INTERNAL"
    INVALID_AMOUNT = "INVALID_AMOUNT"
    INVALID_ATTRIBUTE = "INVALID_ATTRIBUTE"
    INVALID_CONSENT = "INVALID_CONSENT"
    INVALID_CURRENCY = "INVALID_CURRENCY"
    INVALID_CURSOR = "INVALID_CURSOR"
    INVALID_DATE = "INVALID_DATE"
    INVALID_DECIMAL = "INVALID_DECIMAL"
    INVALID_IDENTITY = "INVALID_IDENTITY"
    INVALID_KEY = "INVALID_KEY"
    INVALID_LOCALE = "INVALID_LOCALE"
    INVALID_MINUTES = "INVALID_MINUTES"
    INVALID_MONTH = "INVALID_MONTH"
    INVALID_PAGE = "INVALID_PAGE"
    INVALID_PAYLOAD = "INVALID_PAYLOAD"
    INVALID_PERIOD = "INVALID_PERIOD"
    INVALID_POINTS = "INVALID_POINTS"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    INVALID_RANGE = "INVALID_RANGE"
    INVALID_TEXT = "INVALID_TEXT"
    INVALID_TIME = "INVALID_TIME"
    INVITATION_UNKNOWN = "INVITATION_UNKNOWN"
    KEY_OVER = "KEY_OVER"
    LIMIT_REACHED = "LIMIT_REACHED"
    LIVE_FROM_PAST = "LIVE_FROM_PAST"
    MEMBER_ERASED = "MEMBER_ERASED"
    MEMBER_FROZEN = "MEMBER_FROZEN"
    MEMBER_MERGED = "MEMBER_MERGED"
    MEMBER_UNKNOWN = "MEMBER_UNKNOWN"
    NOTHING_PROMISED = "NOTHING_PROMISED"
    NOT_CLAIMABLE = "NOT_CLAIMABLE"
    NOT_COMBINABLE = "NOT_COMBINABLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    NOT_FOR_POINTS = "NOT_FOR_POINTS"
    NOTICE_UNKNOWN = "NOTICE_UNKNOWN"
    NOT_FOUND = "NOT_FOUND"
    NOT_OPEN_YET = "NOT_OPEN_YET"
    NOT_SIGNED_UP = "NOT_SIGNED_UP"
    NOT_TO_ONESELF = "NOT_TO_ONESELF"
    NOT_USABLE_HERE = "NOT_USABLE_HERE"
    NOT_USABLE_YET = "NOT_USABLE_YET"
    NO_LONGER_OPEN = "NO_LONGER_OPEN"
    NO_TICKET_NOW = "NO_TICKET_NOW"
    OCCURRED_IN_FUTURE = "OCCURRED_IN_FUTURE"
    ONE_OF_TWO = "ONE_OF_TWO"
    OPTION_UNKNOWN = "OPTION_UNKNOWN"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    ORDER_CLAIMED = "ORDER_CLAIMED"
    ORDER_HAS_REDEMPTION = "ORDER_HAS_REDEMPTION"
    ORDER_NOT_THERE = "ORDER_NOT_THERE"
    ORDER_NOT_YOURS = "ORDER_NOT_YOURS"
    ORDER_UNKNOWN = "ORDER_UNKNOWN"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    PAID_AFTER_CANCELLATION = "PAID_AFTER_CANCELLATION"
    PARTNER_NEEDED = "PARTNER_NEEDED"
    PART_UNKNOWN = "PART_UNKNOWN"
    POINTS_DIFFER = "POINTS_DIFFER"
    POINTS_OUT_OF_RANGE = "POINTS_OUT_OF_RANGE"
    POLL_UNKNOWN = "POLL_UNKNOWN"
    POOL_ALREADY = "POOL_ALREADY"
    POOL_CLOSED = "POOL_CLOSED"
    POOL_FULL = "POOL_FULL"
    POOL_LIMIT_REACHED = "POOL_LIMIT_REACHED"
    POOL_NONE = "POOL_NONE"
    POOL_NOT_ALLOWED = "POOL_NOT_ALLOWED"
    POOL_OWNER_STAYS = "POOL_OWNER_STAYS"
    PREFERENCE_UNKNOWN = "PREFERENCE_UNKNOWN"
    PRODUCTS_UNDECLARED = "PRODUCTS_UNDECLARED"
    PROFILE_FIELD_UNKNOWN = "PROFILE_FIELD_UNKNOWN"
    QUOTA_REACHED = "QUOTA_REACHED"
    REASON_UNKNOWN = "REASON_UNKNOWN"
    REDEMPTION_UNDONE = "REDEMPTION_UNDONE"
    REDEMPTIONS_REACHED = "REDEMPTIONS_REACHED"
    REFUSED_BY_POLICY = "REFUSED_BY_POLICY"
    RETURN_EXCEEDS = "RETURN_EXCEEDS"
    SAME_MEMBER = "SAME_MEMBER"
    SCOPE_UNKNOWN = "SCOPE_UNKNOWN"
    SEGMENT_UNKNOWN = "SEGMENT_UNKNOWN"
    SHOP_UNKNOWN = "SHOP_UNKNOWN"
    SIGNED_UP_ALREADY = "SIGNED_UP_ALREADY"
    THROTTLED = "THROTTLED"
    TOO_LATE = "TOO_LATE"
    TOO_LATE_TO_CANCEL = "TOO_LATE_TO_CANCEL"
    TOO_MANY = "TOO_MANY"
    TOO_MANY_CHOICES = "TOO_MANY_CHOICES"
    TOO_MANY_GUESTS = "TOO_MANY_GUESTS"
    TOO_MUCH_AT_ONCE = "TOO_MUCH_AT_ONCE"
    TRANSFER_LIMIT_REACHED = "TRANSFER_LIMIT_REACHED"
    TRANSFER_NOT_ALLOWED = "TRANSFER_NOT_ALLOWED"
    TRANSFER_ONLY_IN_POOL = "TRANSFER_ONLY_IN_POOL"
    TRANSFER_OUT_OF_RANGE = "TRANSFER_OUT_OF_RANGE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNAVAILABLE = "UNAVAILABLE"
    VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
    VALUE_UNKNOWN = "VALUE_UNKNOWN"
    VOTED_ALREADY = "VOTED_ALREADY"
    WALLET_FROZEN = "WALLET_FROZEN"
    WALLET_NOT_SPENDABLE = "WALLET_NOT_SPENDABLE"
    WALLET_UNKNOWN = "WALLET_UNKNOWN"


@strawberry.type(
    description="An expected failure. Switch on `code`, show `message`, put it next to the input at `field`."
)
class UserError:
    """What a payload says instead of what was wanted."""

    code: ErrorCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong, for people, in the reader's language.")
    field: list[str] | None = strawberry.field(
        default=None, description='The way to the input it is about: ["input", "lines", "0", "amount"].'
    )
    policy: str | None = strawberry.field(default=None, description="The policy that refused, where one did.")


class BadValue(GraphQLError):
    """A scalar met a value it does not take."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(worded(code, params, "en"), extensions={"code": code})
        self.code = code
        self.params = params


AS_SENT = frozenset({"payload", "attributes", "consents"})


def user_error(refused: Refused, lang: str, *, root: str = "input") -> UserError:
    """A refusal as a payload tells it."""
    pointer = refused.params.get("field", "") if isinstance(refused, Malformed) else ""
    return UserError(
        code=ErrorCode(refused.code),
        message=worded(refused.code, refused.params, lang),
        field=[root, *camel_path(pointer)] if pointer else None,
        policy=refused.params.get("policy"),
    )


def camel_path(pointer: str) -> list[str]:
    """A JSON pointer in Python's names as a path in GraphQL's; below a JSON value the names are the sender's own."""
    renamed = {"key": "idempotencyKey"}
    parts = pointer.strip("/").split("/")
    own = next((at for at, part in enumerate(parts, 1) if part in AS_SENT), len(parts))
    ours = [renamed.get(part, camel(part)) for part in parts[:own]]
    return ours + [part.replace("~1", "/").replace("~0", "~") for part in parts[own:]]


def camel(name: str) -> str:
    """`snake_case` as `camelCase`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def reworded(error: GraphQLError, lang: str, reader: Any) -> GraphQLError:
    """The error as the client sees it."""
    code, params, path = told(error)
    extensions: dict[str, Any] = {"code": code}
    params = dict(params)
    if code == "INTERNAL":
        params = {"error_id": reader.request_id}
        extensions["errorId"] = reader.request_id
    if code == "DOCUMENT_INVALID" and reader.open_schema:  # To all others the schema says nothing of itself.
        params["detail"] = error.message
    if code == "THROTTLED":
        extensions["retryAfterMs"] = params.get("retry_after_ms", 1000)
    if code == "FORBIDDEN":
        extensions["needs"] = params.get("needs")
    if path:
        extensions["field"] = path
    return GraphQLError(
        worded(code, params, lang), error.nodes, error.source, error.positions, error.path, extensions=extensions
    )


def told(error: GraphQLError) -> tuple[str, Mapping[str, Any], list[str] | None]:
    """Code, parameters and field of an error: our own is told by its cause, a defect is INTERNAL."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and not isinstance(cause, BadValue):
        if cause.original_error is None or cause.original_error is cause:
            break
        cause = cause.original_error
    if isinstance(cause, BadValue):
        return cause.code, cause.params, value_path(error.message)
    if isinstance(cause, Refused):
        pointer = cause.params.get("field") if isinstance(cause, Malformed) else None
        return cause.code, cause.params, camel_path(pointer) if pointer else None
    if isinstance(cause, Unavailable):
        return "UNAVAILABLE", {}, None
    if not isinstance(cause, GraphQLError):
        return "INTERNAL", {}, None
    code = (cause.extensions or {}).get("code")
    if isinstance(code, str) and code in ErrorCode.__members__:
        return code, cause.extensions or {}, None
    if isinstance(error, GraphQLSyntaxError) or error.path is None:
        return "DOCUMENT_INVALID", {}, value_path(error.message)
    return "INTERNAL", {}, None


VALUE_AT = re.compile(r"^Variable '\$(\w+)' has invalid value(?: at ([^:\s]+))?: ")


def value_path(message: str) -> list[str] | None:
    """Where a variable's value is wrong, as the executor words it: `at .lines[0].amount`."""
    match = VALUE_AT.match(message)
    if not match:
        return None
    return [match[1], *re.findall(r"\w+", match[2] or "")]
