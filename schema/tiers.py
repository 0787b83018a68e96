"""Ladders and their levels, where a member stands, and what the next level wants."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

import strawberry

import locales
from loyalty import outlook, prospects, statements
from loyalty.views import Account
from models.tiers import StandingMove as Row
from rules import explain, telling, tier_words, ways
from rules.rule import Definitions
from rules.tiers import Ladder as Declared
from rules.tiers import Level
from schema.connections import PAGE, After, Connection, First, connect, page
from schema.money import decimal
from schema.needs import says
from schema.node import Node
from schema.reader import Info, Reader


@strawberry.type(description="One rung of a ladder.")
class Tier:
    """A level, as the programme declares it."""

    ladder: str = says("The key of the ladder it belongs to.")
    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    rank: int = says("How high it stands; 0 is where everybody begins.")


@strawberry.type(description="A ladder with its levels, from the lowest up.")
class Ladder:
    """As `tiers/<ladder>.json` declares it."""

    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    tiers: list[Tier] = says("Its levels, from the lowest up.")


@strawberry.type(description="One figure the next level wants.")
class Missing:
    """From the level's own condition."""

    name: str = says("The variable.")
    label: str = says("What it is called.")
    has: Decimal | None = says("What it stands at; null where it is not a number.")
    needs: Decimal | None = says("What is wanted; null where it is not a number.")
    any_of: int | None = says("Of those with the same number one is enough; null where it must be met by itself.")
    words: str = says("All of it in a few words.")


@strawberry.type(description="One way to meet a standard: all of it is wanted.")
class Way:
    """From the level's own condition."""

    missing: list[Missing] = says("What it takes.")
    words: str = says("All of it in a few words.")


@strawberry.type(description="What lies ahead on a ladder.")
class Progress:
    """Reckoned at the moment of reading."""

    next: Tier | None = says("The next level; null at the top.")
    missing: list[Missing] = says("What is still missing for it; of alternatives, all are named.")
    ways: list[Way] = says("How it can be reached, the cheapest way first; ten at most.")
    by: datetime | None = says("When what is counted for it begins anew or is looked at; null for no one instant.")
    ahead: str | None = says("What is missing for it, by the two cheapest ways, and until when: in a sentence.")
    review_at: datetime | None = says("When the standing is looked at again.")
    at_risk: bool = says("Whether the next review, or the end of the level, takes down whoever buys nothing.")
    falls_to: Tier | None = says("Where the member falls if nothing more is bought; null where nobody can know.")
    falls_at: datetime | None = says("When that is.")
    keeping: list[Missing] = says("What is missing by then to keep the level; of alternatives, all are named.")
    keeping_ways: list[Way] = says("How it can be kept, the cheapest way first; ten at most.")
    warning: str | None = says("Where the member falls, and when, in a sentence.")
    advice: str | None = says("What would keep the level, by the two cheapest ways, in a sentence.")


@strawberry.enum(description="Why a member moved on a ladder.")
class MoveReason(Enum):
    """From the move itself."""

    ENROLLED = strawberry.enum_value("ENROLLED", description="Everybody begins on the lowest level.")
    REACHED = strawberry.enum_value("REACHED", description="The level's standard was met.")
    REVIEW = strawberry.enum_value("REVIEW", description="A review found it met no longer.")
    LAPSED = strawberry.enum_value("LAPSED", description="The level had ended.")
    ENDED = strawberry.enum_value("ENDED", description="The level was valid no longer, and had not been kept.")
    POLICY = strawberry.enum_value("POLICY", description="A policy moved the member.")
    CHANGED = strawberry.enum_value("CHANGED", description="The ladder was changed.")
    RESTORED = strawberry.enum_value("RESTORED", description="A change of the ladder was taken back.")
    MERGED = strawberry.enum_value("MERGED", description="Another account of the same person stood there.")
    REVERSED = strawberry.enum_value("REVERSED", description="The order that had led there was undone.")


@strawberry.type(description="One step on a ladder. It stays, even when it is taken back.")
class StandingMove(Node):
    """As the history keeps it."""

    tier_from: str | None = says("The level before; null at the beginning.")
    tier_to: str = says("The level after.")
    at: datetime = says("When.")
    reason: MoveReason = says("Why.")
    words: str = says("Why, in a sentence.")


@strawberry.type(description="Where a member stands on one ladder.")
class Standing:
    """One a ladder."""

    account: strawberry.Private[Account]
    ladder_key: strawberry.Private[str]
    ladder: Ladder = says("The ladder.")
    tier: Tier = says("The level.")
    since: datetime = says("Since when.")
    valid_until: datetime | None = says("The first instant at which the level is valid no more; null for no end.")
    rises_to: Tier | None = says("A higher level whose standard is met, and that comes after its time.")
    rises_at: datetime | None = says("When it comes, if the standard is still met then.")
    review_at: datetime | None = says("When the standing is looked at again.")
    protected_until: datetime | None = says("Until when nothing takes the member down.")

    @strawberry.field(description="What lies ahead.")
    def progress(self, info: Info) -> Progress:
        """Reckoned only where it is asked for: the books are run ahead for it."""
        return progress_of(info.context, self.account, self.ladder_key)

    @strawberry.field(description="How the member got there, newest first.")
    async def history(self, info: Info, first: First = PAGE, after: After = None) -> Connection[StandingMove] | None:
        """A page by position and id."""
        reader, asked, member = info.context, page(first, after), self.account.member
        rows = await statements.standing_moves(
            reader.house.db, member.programme_id, member.id, self.ladder_key, asked.after, asked.limit
        )
        return connect(rows, asked, lambda row: (row.position, row.id), lambda row: move_of(reader, row))  # type: ignore[no-any-return]


def ladder_of(reader: Reader, key: str, declared: Declared, locale: str = "") -> Ladder:
    """A ladder in the reader's language."""
    tiers = [tier_of(reader, key, declared, level, locale) for level in declared.levels]
    return Ladder(key=key, title=reader.say(declared.title, locale), tiers=tiers)


def tier_of(reader: Reader, key: str, declared: Declared, level: Level, locale: str = "") -> Tier:
    """A level in the reader's language."""
    return Tier(ladder=key, key=level.key, title=reader.say(level.title, locale), rank=declared.rank(level.key) or 0)


def standing_of(reader: Reader, account: Account, key: str) -> Standing:
    """Where a member stands on one ladder, and what lies ahead."""
    ahead, locale = outlook.outlook(account, key), account.member.locale

    def tier(level: Level | None) -> Tier | None:
        return tier_of(reader, key, ahead.ladder, level, locale) if level else None

    return Standing(
        account=account,
        ladder_key=key,
        ladder=ladder_of(reader, key, ahead.ladder, locale),
        tier=tier_of(reader, key, ahead.ladder, ahead.level, locale),
        since=ahead.since,
        valid_until=ahead.valid_until,
        rises_to=tier(ahead.rises_to),
        rises_at=ahead.rises_at,
        review_at=ahead.review_at,
        protected_until=ahead.protected_until,
    )


def progress_of(reader: Reader, account: Account, key: str) -> Progress:
    """What lies ahead on one ladder: what is missing, by when, and what becomes of it if nothing more is bought."""
    ahead, fall, locale = outlook.outlook(account, key), prospects.fall(account, key), account.member.locale
    definitions, lang = account.turn.ruleset.definitions, reader.lang(locale)

    def told(found: tuple[ways.Way, ...]) -> list[Way]:
        return [way_of(one, definitions, lang) for one in found]

    return Progress(
        next=tier_of(reader, key, ahead.ladder, ahead.next, locale) if ahead.next else None,
        missing=[missing_of(one, definitions, lang) for one in ahead.missing],
        ways=told(ahead.ways),
        by=ahead.by,
        ahead=tier_words.climbs(ahead.next, ahead.ways, ahead.by, definitions, lang)
        if ahead.next and ahead.ways
        else None,
        review_at=ahead.review_at,
        at_risk=fall is not None and fall.next,
        falls_to=tier_of(reader, key, ahead.ladder, fall.level, locale) if fall else None,
        falls_at=fall.at if fall else None,
        keeping=[missing_of(one, definitions, lang) for one in fall.keeping] if fall else [],
        keeping_ways=told(fall.ways) if fall else [],
        warning=tier_words.falls(ahead.level, fall.level, fall.at, definitions.zone, lang) if fall else None,
        advice=tier_words.holds(ahead.level, fall.ways, fall.at, definitions, lang) if fall and fall.ways else None,
    )


def way_of(way: ways.Way, definitions: Definitions, lang: str) -> Way:
    """One way, in words and numbers."""
    missing = [missing_of(one, definitions, lang) for one in way]
    return Way(missing=missing, words=tier_words.way(way, definitions, lang))


def missing_of(one: explain.Missing, definitions: Definitions, lang: str) -> Missing:
    """One figure, in words and numbers."""
    variable = definitions.catalogue.variables[one.of or one.variable]
    number = variable.type in {"money", "number", "points"} and isinstance(one.needs, int)
    return Missing(
        name=one.variable,
        label=definitions.catalogue.variables[one.variable].label(lang),
        has=decimal(one.has or 0, variable.scale) if number else None,
        needs=decimal(one.needs, variable.scale) if number else None,
        any_of=one.any_of,
        words=telling.lacking(definitions, one, lang),
    )


def move_of(reader: Reader, row: Row) -> StandingMove:
    """A step as its reader sees it."""
    return StandingMove(
        id=reader.seal("standing_move", row.programme_id, row.member_id, row.id),
        tier_from=row.tier_from,
        tier_to=row.tier_to,
        at=row.at,
        reason=MoveReason(row.reason.upper()),
        words=locales.text(f"move.{row.reason}", reader.lang()),
    )
