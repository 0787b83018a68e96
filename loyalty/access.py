"""Who calls, and what the caller may do. Every verb names the scope it needs; without it nothing happens."""

from collections.abc import Iterable
from dataclasses import dataclass

from loyalty.refusals import Forbidden

SCOPES = {
    "member": "One member's own account.",
    "members:read": "Any member of the programme, masked.",
    "members:write": "What is said of any member: tags, segments, attributes, consents.",
    "members:identify": "Link and unlink the names a member is known by.",
    "members:unmask": "Read personal values unmasked, with a reason, in the audit.",
    "members:export": "Export all that is kept of a member.",
    "members:erase": "Erase a member: the person goes, the books stay.",
    "members:merge": "Merge accounts of one person.",
    "members:freeze": "Freeze and unfreeze members and wallets, with a reason.",
    "events:write": "Orders, returns, behaviour events.",
    "events:import": "Events older than the programme's late days.",
    "points:redeem": "Redeem, hold, capture and release for any member.",
    "points:adjust": "Put a balance right, with a reason.",
    "rules:read": "Policies, their check and their explanation.",
    "rules:write": "Drafts of policies.",
    "rules:publish": "Publish, pause and roll back policies.",
    "gatherings:host": "Sign anybody up, scan sign-ups, enter and vote for members, see who comes.",
    "books:read": "Verify the books and read any entry.",
    "benefits:grant": "Give, take back and deliver benefits, with a reason.",
    "benefits:use": "Claim, set aside and use any member's benefits: a till of the house.",
    "codes:verify": "Verify and use any code of the programme: a till of the house.",
    "partner": "A partner brand's own benefits.",
    "partner:verify": "Verify and use a code of the partner's own benefits.",
    "partner:report": "Report purchases in the partner's own shops, and take them back.",
    "partner:settlement": "The partner's own statements, and disputes about them.",
    "clock": "What time brings: the worker's own events.",
    "admin": "Keys, programmes, settings.",
}

ROLES = {
    "member": ("member",),
    "service": (
        "members:read",
        "members:write",
        "members:identify",
        "events:write",
        "points:redeem",
        "codes:verify",
        "benefits:grant",
        "benefits:use",
        "gatherings:host",
        "members:export",
    ),
    "marketer": ("rules:read", "rules:write", "rules:publish", "members:read", "books:read"),
    "partner": ("partner", "partner:verify", "partner:report", "partner:settlement"),
    "staff": (
        "members:read",
        "members:write",
        "members:identify",
        "members:merge",
        "members:freeze",
        "points:redeem",
        "points:adjust",
        "books:read",
        "benefits:grant",
        "benefits:use",
        "gatherings:host",
    ),
    "privacy": ("members:read", "members:unmask", "members:export", "members:erase"),
    "admin": tuple(scope for scope in SCOPES if scope.partition(":")[0] not in ("member", "partner", "clock")),
}
OF_PARTNERS = frozenset(ROLES["partner"])  # What hangs on whose key it is; and a partner's key may do nothing else.


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a token. Idempotency keys belong to `subject`."""

    subject: str
    programme: str
    scopes: frozenset[str]
    member_id: int | None = None
    partner: str | None = None
    shops: tuple[str, ...] = ("main",)
    address: str = ""  # From where the request came, as the server sees it.


def may(caller: Caller, scope: str) -> bool:
    """Whether the caller holds the scope."""
    return scope in caller.scopes


def require(caller: Caller, scope: str) -> None:
    """Raise Forbidden unless the caller holds the scope."""
    if scope not in caller.scopes:
        raise Forbidden(scope)


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """All that these roles may do."""
    return frozenset(scope for role in roles for scope in ROLES[role])


def role_of(scopes: Iterable[str]) -> str | None:
    """The role that may do just this; None where several make it up."""
    held = set(scopes)
    return next((role for role, its in ROLES.items() if held == set(its)), None)


CLOCK = frozenset({"clock", "events:write", "points:redeem"})
