"""Receipts: what an event did, rendered in the reader's language from the data that is kept."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import strawberry

from locales import text, texts
from loyalty.receipts import Receipt as Data
from loyalty.refusals import Malformed, Refused, worded
from models.codec import parse
from models.events import Event as EventRow
from rules import telling
from rules.decide import Outcome
from rules.policy import Policy
from rules.programme import Programme
from rules.ruleset import Ruleset
from rules.words import points, say
from schema.benefits import Entitlement, entitlement_in
from schema.money import shown
from schema.needs import says
from schema.points import Entry, PolicyReference, entry_of
from schema.problems import ErrorCode, UserError, user_error
from schema.reader import Info, Reader
from schema.scalars import JSON, Points
from schema.words import policy_of


@strawberry.enum(description="What became of an event.")
class ReceiptState(Enum):
    """Kept under its key, but for `FAILED`."""

    ACCEPTED = strawberry.enum_value("ACCEPTED", description="It counts.")
    REFUSED = strawberry.enum_value("REFUSED", description="It was turned down, and changed nothing.")
    WAITING = strawberry.enum_value("WAITING", description="It waits for the order it names.")
    QUEUED = strawberry.enum_value("QUEUED", description="It will be taken up soon.")
    FAILED = strawberry.enum_value("FAILED", description="A defect of ours. Nothing is kept: send it again.")


@strawberry.type(description="What changed in one wallet.")
class PointsChange:
    """By account, signed."""

    wallet: str = says("The wallet.")
    title: str = says("What it is called.")
    pending: Points = says("Change of what is pending.")
    available: Points = says("Change of what can be spent.")
    held: Points = says("Change of what is set aside.")
    owed: Points = says("Change of what is owed.")


@strawberry.type(description="A step on a ladder.")
class TierChange:
    """From level to level."""

    ladder: str = says("The ladder.")
    tier_from: str = says("The level before.")
    tier_to: str = says("The level after.")
    title: str = says("What the level after is called.")


@strawberry.type(description="What an event did. The same answer comes back whenever its key is sent again.")
class Receipt:
    """Data that is kept, words made of it where somebody reads."""

    data: strawberry.Private[Data]
    id: strawberry.ID | None = says("The event; ask `event(id:)` what became of it.")
    state: ReceiptState = says("What became of it.")
    code: ErrorCode | None = says("Why it was refused.")
    message: str | None = says("Why it was refused, in words.")
    late: bool = says("Whether something newer had been decided for this member before it came.")
    points: list[PointsChange] = says("What changed in each wallet.")
    tiers: list[TierChange] = says("Steps on ladders.")
    refused_by: PolicyReference | None = says("The policy that said no: the event counts, and earned nothing for it.")
    refused_words: str | None = says("That policy's words.")
    not_done: list[str] = says("What could not be done, in words.")
    changes: JSON = says("All of it, as data.")

    @strawberry.field(description="The entries it made.")
    async def entries(self, info: Info) -> list[Entry] | None:
        """In the order they were made."""
        reader = info.context
        if self.data.event_id is None or not reader.may_see(self.data.member_id or 0):
            return []
        rows = await reader.entries_of.load((self.data.member_id or 0, self.data.event_id))
        programme = await reader.programme()
        return [entry_of(reader, row, programme.wallets[row.row.wallet].scale, programme.zone) for row in rows]

    @strawberry.field(description="What it gave, used or took back.")
    async def entitlements(self, info: Info) -> list[Entitlement] | None:
        """As they stand at the moment of reading."""
        reader = info.context
        ids = sorted({one["id"] for one in self.data.changes.get("entitlements", ())})
        if not ids or not reader.may_see(self.data.member_id or 0):
            return []
        ruleset = (await reader.live()).at(reader.now).ruleset
        rows = [await reader.entitlement.load((self.data.member_id or 0, one)) for one in ids]
        return [entitlement_in(reader, ruleset.programme, ruleset.benefits, row) for row in rows if row is not None]


async def receipt_of(reader: Reader, data: Data) -> Receipt:
    """A receipt as its reader sees it."""
    live = await reader.live()
    programme, lang = await reader.programme(), reader.lang()
    holder = data.member_id or 0
    refused = next(iter(data.changes.get("refused_by") or ()), None)
    policy = await policy_of(reader, refused["policy"], 0) if refused else None
    return Receipt(
        data=data,
        id=reader.seal("event", live.programme_id, holder, data.event_id) if data.event_id is not None else None,
        state=ReceiptState(STATES.get(data.state, data.state.upper())),
        code=ErrorCode(data.code) if data.code else None,
        message=worded(data.code, data.params, lang) if data.code else None,
        late=data.late,
        points=points_changes(reader, programme, data),
        tiers=tier_changes(reader, live.at(reader.now).ruleset, data),
        refused_by=PolicyReference(path=refused["policy"], title=policy.title.say(lang) if policy else None)
        if refused
        else None,
        refused_words=refused["text"].get(lang) if refused else None,
        not_done=[*_not_done(data.changes, lang), *_limited(live.at(reader.now).ruleset, data.changes, lang)],
        changes=JSON(_outside(data.changes)),
    )


STATES = {"rejected": "REFUSED"}
FULL = frozenset({"balance", "entry"})
INNER = frozenset({"entries", "id"})


def points_changes(reader: Reader, programme: Programme, data: Data) -> list[PointsChange]:
    """What changed in each wallet, in the programme's order."""
    changed = data.changes.get("points", {})
    return [_points(reader, own, key, changed[key]) for key, own in programme.wallets.items() if key in changed]


def tier_changes(reader: Reader, ruleset: Ruleset, data: Data) -> list[TierChange]:
    """The steps on ladders."""
    steps = data.changes.get("tiers", ())
    return [
        TierChange(
            ladder=one["ladder"],
            tier_from=one["from"],
            tier_to=one["to"],
            title=_title(reader, ruleset, one["ladder"], one["to"]),
        )
        for one in steps
    ]


def _title(reader: Reader, ruleset: Ruleset, ladder: str, tier: str) -> str:
    levels = ruleset.ladders[ladder].levels if ladder in ruleset.ladders else ()
    return next((reader.say(level.title) for level in levels if level.key == tier), tier)


def _points(reader: Reader, declared: Any, key: str, by: Mapping[str, int]) -> PointsChange:
    def change(account: str) -> Points:
        return shown(by.get(account, 0), declared.scale)

    return PointsChange(
        wallet=key,
        title=reader.say(declared.title),
        pending=change("pending"),
        available=change("available"),
        held=change("held"),
        owed=change("owed"),
    )


def _not_done(changes: Mapping[str, Any], lang: str) -> list[str]:
    told = []
    for name in ("not_given", "not_taken_back", "could_not_change"):
        for one in changes.get(name, ()):
            params = one if isinstance(one, Mapping) else {"benefit": one}
            code = f"receipt.{name}" if f"receipt.{name}" in texts(lang) else "receipt.not_done"
            words = {"benefit": params.get("benefit", params.get("what", "")), "count": params.get("decided_later", 0)}
            told.append(text(code, lang, **words))
    return told


def _limited(ruleset: Ruleset, changes: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Which caps cut an award or stopped it; in figures while the policy still has that cap."""
    for one in changes.get("limited", ()):
        path, because = one["policy"], one["because"]
        if because in FULL and one["wallet"] in ruleset.programme.wallets:
            asked, given = (points(one[name], one["wallet"], ruleset.definitions, lang) for name in ("asked", "given"))
            yield text(f"receipt.full_{because}", lang, asked=asked, given=given)
            continue
        policy = ruleset.policies.get(path)
        if policy is None or not _capped(policy, because):
            yield text("receipt.limited", lang, policy=policy.title.say(lang) if policy else path)
            continue
        given = one.get("given")
        told = Outcome(path, bool(given), one.get("asked"), given, because)
        yield say("posting", lang, title=policy.title.say(lang), text=telling.outcome(ruleset, told, lang))


def _capped(policy: Policy, because: str) -> bool:
    kind, _, name = because.partition(":")
    caps = policy.limits
    return caps is not None and (caps.budget == name if kind == "budget" else getattr(caps, name, None) is not None)


def _outside(value: Any) -> Any:
    """The data without our own numbers: outside, things have sealed ids."""
    if isinstance(value, Mapping):
        return {key: _outside(held) for key, held in value.items() if key not in INNER}
    return [_outside(held) for held in value] if isinstance(value, list | tuple) else value


def errors_of(data: Data, lang: str) -> list[UserError]:
    """A refusal as a payload says it."""
    if data.code is None:
        return []
    params = {key: value for key, value in data.params.items() if key != "field"}
    pointer = data.params.get("field")
    return [user_error(Malformed(data.code, pointer, **params) if pointer else Refused(data.code, **params), lang)]


def stored(row: EventRow) -> Data:
    """What an event's row says of it: the outcome, once there is one."""
    kept = parse(row.receipt)
    return Data(key=row.key, replayed=True, **(kept | (parse(row.outcome) if row.outcome else {})))
