"""Chances: what can be won and how likely, a member's tickets, and all that anybody needs to check the outcome."""

from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

import strawberry

from loyalty import draws, invitations, shares
from loyalty.views import Account
from models.draws import Drawn
from models.draws import Ticket as Row
from rules import lots
from rules.calendar import from_instant
from rules.draws import Draw as Declared
from rules.occasions import closes_at
from rules.ruleset import Ruleset
from schema.benefits import Benefit, benefit_of
from schema.invitations import TakingPart, entry_of
from schema.needs import says
from schema.reader import Reader
from schema.scalars import Points


@strawberry.type(description="Something a draw can be won of.")
class Prize:
    """As the draw declares it."""

    benefit: Benefit = says("What can be won.")
    count: int = says("How many there are in all.")
    left: int = says("How many nobody has won yet.")
    odds: str | None = says("How likely with each ticket; null where it hangs on how many tickets there are.")


@strawberry.type(description="A draw whose odds and stock anybody can check.")
class Draw:
    """As `draws/<key>.json` declares it, with what is published of its seed."""

    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    description: str = says("What it is about.")
    kind: str = says("When a ticket is judged: `instant`, or `at_close`.")
    opens_at: datetime = says("From when the public can enter.")
    closes_at: datetime = says("Until when one can enter.")
    points: Points | None = says("What a ticket costs in points of the main wallet, where one can be had for points.")
    tickets_per_member: int = says("How many tickets a member can have.")
    wins_per_member: int = says("How often a member can win.")
    prizes: list[Prize] = says("What can be won.")
    tickets: int = says("How many tickets there are so far.")
    commitment: str = says("The SHA-256 of the seed: published before the first ticket, and the same ever after.")
    seed: str | None = says("The seed, 64 hexadecimal digits, once the draw is closed: see `loyalty draws check`.")


@strawberry.enum(description="What became of a ticket.")
class TicketState(Enum):
    """Open at first."""

    OPEN = strawberry.enum_value("OPEN", description="It is not judged yet.")
    WON = strawberry.enum_value("WON", description="It won.")
    LOST = strawberry.enum_value("LOST", description="It won nothing.")
    VOID = strawberry.enum_value("VOID", description="The order that brought it came back.")


@strawberry.type(description="A member's ticket of a draw.")
class Ticket:
    """One of them."""

    number: str = says("Its number, as it is published.")
    state: TicketState = says("What became of it.")
    entered_at: datetime = says("Since when.")
    prize: Benefit | None = says("What it won.")


@strawberry.type(description="A draw, whether this member can enter, and the tickets it has.")
class Chance:
    """For one member."""

    draw: Draw = says("What there is.")
    entry: TakingPart = says("Whether the member can get a ticket now.")
    tickets: list[Ticket] = says("Its tickets, newest first.")


async def draws_of(reader: Reader, ruleset: Ruleset, locale: str = "") -> dict[str, Draw]:
    """Every draw, with what is left and what is published, in three statements."""
    live, db = await reader.live(), reader.house.db
    names = [shares.prize(key, prize.benefit) for key, own in ruleset.draws.items() for prize in own.prizes]
    left, tickets = await invitations.left(db, live, names), await invitations.tickets(db, live)
    drawn = await invitations.drawn(db, live)
    made = {}
    for key, own in sorted(ruleset.draws.items()):
        prizes = _prizes(reader, ruleset, key, own, left, locale)
        seed = reader.house.secrets.draw_of(live.programme_id, key, "seed", 0)
        made[key] = _draw(reader, (key, own, locale), prizes, tickets.get(key, 0), drawn.get(key), seed, ruleset.zone)
    return made


def _prizes(
    reader: Reader, ruleset: Ruleset, key: str, own: Declared, left: dict[str, int], locale: str
) -> list[Prize]:
    odds = draws.odds(own)
    return [
        Prize(
            benefit=benefit_of(reader, ruleset.programme, one.benefit, ruleset.benefits[one.benefit], locale),
            count=one.count,
            left=left.get(shares.prize(key, one.benefit), one.count),
            odds=odds.get(one.benefit),
        )
        for one in own.prizes
    ]


def _draw(
    reader: Reader,
    said: tuple[str, Declared, str],
    prizes: list[Prize],
    tickets: int,
    drawn: Drawn | None,
    seed: str,
    zone: ZoneInfo,
) -> Draw:
    key, own, locale = said
    return Draw(
        key=key,
        title=reader.say(own.title, locale),
        description=reader.say(own.description, locale),
        kind=own.kind,
        opens_at=from_instant(own.entry.opens_at, zone),
        closes_at=closes_at(own.entry, zone),
        points=None if own.tickets.points is None else Points(own.tickets.points),
        tickets_per_member=own.tickets_per_member,
        wins_per_member=own.wins_per_member,
        prizes=prizes,
        tickets=tickets,
        commitment=drawn.commitment if drawn else lots.commitment(seed),
        seed=drawn.seed if drawn else None,
    )


async def chances_of(reader: Reader, account: Account) -> list[Chance]:
    """Every draw, for one member."""
    await invitations.load(reader.house.db, account)
    ruleset, locale = account.turn.ruleset, account.member.locale
    made = await draws_of(reader, ruleset, locale)
    rows = list(reversed(account.rows(Row)))

    def ticket(row: Row) -> Ticket:
        prize = ruleset.benefits.get(row.prize or "")
        won = benefit_of(reader, ruleset.programme, row.prize or "", prize, locale) if prize else None
        return Ticket(number=row.number, state=TicketState(row.state.upper()), entered_at=row.at, prize=won)

    return [
        Chance(
            draw=one,
            entry=entry_of(reader, account, invitations.draw(account, key, ruleset.draws[key])),
            tickets=[ticket(row) for row in rows if row.draw == key],
        )
        for key, one in made.items()
    ]
