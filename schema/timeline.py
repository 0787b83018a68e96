"""A member's timeline: what happened, when, in words, and why."""

from datetime import datetime

import strawberry

from locales import text, texts
from loyalty import timeline
from loyalty.access import may
from loyalty.timeline import Happened
from loyalty.views import Account
from schema.connections import Connection, connect, page
from schema.needs import says
from schema.points import PolicyReference
from schema.reader import Info, Reader
from schema.receipts import Receipt, receipt_of, stored


@strawberry.type(description="One thing that happened to a member.")
class TimelineEntry:
    """An event of the log, as a person reads it."""

    happened: strawberry.Private[Happened]
    id: strawberry.ID = says("The event; ask `event(id:)` for it.")
    at: datetime = says("When it counts.")
    occurred_at: datetime = says("When it happened in the world.")
    kind: str = says("What kind of event: `order.paid`, `consent.set` …")
    words: str = says("What happened, in the reader's language.")
    order_number: str | None = says("The order it was about.")
    why: list[str] = says("Why: the policies that decided it by title, and what whoever did it said about it.")
    policies: list[PolicyReference] = says("The policies that fired, in the order they did.")
    by: str | None = says("Who sent it; null for readers without `members:read`, and where it was the member itself.")

    @strawberry.field(description="What it did: points, tiers, entitlements.")
    async def receipt(self, info: Info) -> Receipt | None:
        """As it was given then."""
        return await receipt_of(info.context, stored(self.happened.row))


async def timeline_of(reader: Reader, account: Account, first: int, after: str | None) -> Connection[TimelineEntry]:
    """A page of everything, newest first, by position."""
    asked, row = page(first, after, keys=1), account.member
    before = asked.after[0] if asked.after else None
    found = await timeline.read(reader.house.db, row.programme_id, row.id, before, asked.limit)
    live = await reader.live()
    policies = live.at(reader.now).ruleset.policies

    def titled(path: str) -> PolicyReference:
        return PolicyReference(path=path, title=reader.say(policies[path].title) if path in policies else None)

    def entry(one: Happened) -> TimelineEntry:
        fired = [titled(path) for path in one.policies]
        refused = [titled(one.refused_by)] if one.refused_by else []
        told = may(reader.who, "members:read")
        return TimelineEntry(
            happened=one,
            id=reader.seal("event", row.programme_id, row.id, one.row.id),
            at=one.row.instant,
            occurred_at=one.row.occurred_at,
            kind=one.row.kind,
            words=words(account, one.row.kind, reader.lang()),
            order_number=one.row.order_number,
            why=[*(each.title or each.path for each in (*refused, *fired)), *([one.said] if told and one.said else [])],
            policies=fired,
            by=one.row.subject if told and not one.row.subject.startswith("member:") else None,
        )

    return connect(found, asked, lambda one: (one.row.position or 0,), entry)  # type: ignore[no-any-return]


def words(account: Account, kind: str, lang: str) -> str:
    """What an event of this kind is called: by its kind, or by the title the programme gives it."""
    declared = account.turn.programme.event_types.get(kind)
    if declared is not None:
        return declared.title.say(lang)
    return text(f"timeline.{kind}" if f"timeline.{kind}" in texts(lang) else "timeline.other", lang)
