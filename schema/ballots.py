"""Ballots: what is asked, what a member has chosen, and how many chose what, when the poll says so."""

from datetime import datetime

import strawberry

from loyalty import invitations, polls
from loyalty.views import Account
from models.codec import parse
from rules.calendar import from_instant
from rules.occasions import closes_at
from rules.polls import Poll as Declared
from schema.invitations import TakingPart, entry_of
from schema.needs import says
from schema.reader import Reader


@strawberry.type(description="One of the answers of a poll.")
class PollOption:
    """With its count, once that may be seen."""

    key: str = says("How it is written.")
    title: str = says("How it reads.")
    votes: int | None = says("How many chose it; null as long as the poll does not show that.")


@strawberry.type(description="A question to members, and how this one stands to it.")
class Poll:
    """For one member."""

    key: str = says("Its key in the programme.")
    question: str = says("What is asked.")
    options: list[PollOption] = says("What can be answered.")
    choices: int = says("How many options one may choose.")
    changeable: bool = says("Whether a vote may be changed until the poll closes.")
    opens_at: datetime = says("From when the public can vote.")
    closes_at: datetime = says("Until when one can vote.")
    voters: int | None = says("How many have voted; null as long as the poll does not show that.")
    entry: TakingPart = says("Whether the member can vote now, or vote again.")
    chosen: list[str] = says("What the member has chosen.")


async def polls_of(reader: Reader, account: Account) -> list[Poll]:
    """Every poll, for one member."""
    await invitations.load(reader.house.db, account)
    return [await _poll(reader, account, key, own) for key, own in sorted(account.turn.ruleset.polls.items())]


async def _poll(reader: Reader, account: Account, key: str, own: Declared) -> Poll:
    turn, locale = account.turn, account.member.locale
    vote, closes = polls.own_vote(turn, key), closes_at(own.voting, turn.ruleset.zone)
    seen = polls.shown(own, voted=vote is not None, closes_at=closes, now=reader.now)
    programme_id = account.member.programme_id
    voters, counts = await polls.counts(reader.house.db, programme_id, key) if seen else (None, {})
    return Poll(
        key=key,
        question=reader.say(own.question, locale),
        options=[
            PollOption(key=name, title=reader.say(title, locale), votes=counts.get(name, 0) if seen else None)
            for name, title in own.options.items()
        ],
        choices=own.choices,
        changeable=own.changeable,
        opens_at=from_instant(own.voting.opens_at, turn.ruleset.zone),
        closes_at=closes,
        voters=voters,
        entry=entry_of(reader, account, invitations.poll(account, key, own)),
        chosen=parse(vote.choices) if vote else [],
    )
