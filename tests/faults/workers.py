"""What the tests have done by other processes: `python -m tests.faults.workers <task> <url> <arguments>`.

A worker says `ready` once its house is open, begins when it is told `go`, and ends with what became of it, as JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

from loyalty.access import Caller, scopes_of
from loyalty.events import (
    Arrival,
    BenefitClaim,
    CodeVerify,
    DrawEnter,
    GatheringCancel,
    GatheringSignUp,
    MemberEnrolled,
    MemberRef,
    OrderCancelled,
    OrderPaid,
    OrderReturned,
    PointsRedeem,
)
from loyalty.house import House
from loyalty.intake import receive
from loyalty.publishing import publish
from loyalty.receipts import Receipt
from loyalty.refusals import Throttled
from tests.faults.programme import files

SECRET = "a secret for tests that is long enough"
SERVICE = scopes_of(["service", "staff"]) | {"clock"}
ADMIN = Caller("staff:admin", "story", scopes_of(["admin", "marketer", "staff"]) | {"clock"})
BATCH = 16
TRY_AGAIN = {"THROTTLED", "UNAVAILABLE"}
Told = list[dict[str, Any]]


def till(name: str) -> Caller:
    """A till of the shop."""
    return Caller(f"client:{name}", "story", SERVICE)


def ref(name: str) -> MemberRef:
    """A member by the shop's own number."""
    return MemberRef(kind="external", value=name)


def paid(key: str, name: str | None, number: str, total: int, at: datetime) -> OrderPaid:
    """An order, paid at `at`."""
    return OrderPaid(key, number, ref(name) if name else None, at, "CNY", total, total)


async def definite(house: House, caller: Caller, arrival: Arrival) -> Receipt:
    """Send until the answer is a definite one, as a client that was told to try again does."""
    while True:
        try:
            receipt = await house.batcher(caller.programme).submit(caller, arrival)
        except Throttled:
            continue
        if receipt.code not in TRY_AGAIN:
            return receipt


def told(receipt: Receipt) -> dict[str, Any]:
    """A receipt, as the parent reads it."""
    names = ("key", "state", "code", "event_id", "member_id", "replayed", "changes")
    return {name: getattr(receipt, name) for name in names}


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is given: its house, its name, and arguments."""

    house: House
    name: str
    args: dict[str, Any]

    @property
    def caller(self) -> Caller:
        """The till this worker is."""
        return till(self.args.get("till", self.name))


async def together(work: Work, arrivals: Sequence[Arrival]) -> Told:
    """All at once; half of them by themselves, half through the batcher."""
    sent = [
        definite(work.house, work.caller, one) if number % 2 else alone(work.house, work.caller, one)
        for number, one in enumerate(arrivals)
    ]
    return [told(receipt) for receipt in await asyncio.gather(*sent)]


async def alone(house: House, caller: Caller, arrival: Arrival) -> Receipt:
    """The same in batches of one."""
    while True:
        (receipt,) = await receive(house, caller, [arrival])
        if receipt.code not in TRY_AGAIN:
            return receipt


async def spend(work: Work) -> Told:
    """Spend the points of all members, each of them several times."""
    times, names = work.args["times"], work.args["names"]
    return await together(
        work,
        [PointsRedeem(f"{work.name}-{name}-{time}", ref(name), "coupon-10") for time in range(times) for name in names],
    )


async def claim(work: Work) -> Told:
    """Every member takes a piece of each benefit, or enters a word, several times."""
    wishes = [
        BenefitClaim(f"{work.name}-{what}-{name}-{time}", ref(name), **{how: what})
        for time in range(work.args["times"])
        for name in work.args["names"]
        for how, what in work.args["wishes"]
    ]
    return await together(work, wishes)


async def sign_up(work: Work) -> Told:
    """Everybody wants a seat of the salon, every other one with a guest; each worker begins somewhere else."""
    names = work.args["names"]
    first = work.args["turn"] * len(names) // 3
    wishes = [
        GatheringSignUp(f"{work.name}-{name}", ref(name), "salon", work.args["guests"][number % 2])
        for number, name in enumerate(names)
    ]
    return await together(work, wishes[first:] + wishes[:first])


async def cancel_seats(work: Work) -> Told:
    """Everybody gives its seat back, or its place in the line."""
    return await together(
        work, [GatheringCancel(f"{work.name}-{name}", ref(name), "salon") for name in work.args["names"]]
    )


async def enter(work: Work) -> Told:
    """Everybody takes tickets of the wheel."""
    return await together(
        work,
        [
            DrawEnter(f"{work.name}-{name}-{time}", ref(name), "wheel")
            for time in range(work.args["times"])
            for name in work.args["names"]
        ],
    )


async def use_codes(work: Work) -> Told:
    """Show every code, each with a key of one's own, and use it."""
    shown = [CodeVerify(f"{work.name}-{code}", code, use=True) for code in work.args["codes"]]
    return await together(work, shown)


async def same_key(work: Work) -> Told:
    """Send one and the same thing, many times at once: an order, or a redemption, which nothing but its key guards."""
    order = paid("the-same", work.args["member"], "S1", 30_000, datetime.fromisoformat(work.args["at"]))
    wish = PointsRedeem("the-same", ref(work.args["member"]), "coupon-10")
    return await together(work, [order if work.args["what"] == "order" else wish] * work.args["times"])


async def buy(work: Work) -> Told:
    """Send orders of these members, a few at a time."""
    at = datetime.now(UTC)
    orders = [
        paid(f"{work.name}-{number}", name, f"{work.name}-{number}", work.args["total"], at)
        for number, name in enumerate(work.args["names"])
    ]
    return await together(work, orders)


async def till_work(work: Work) -> Told:
    """An order, its return and its cancellation, all sent at once, for many orders, in an order of one's own."""
    at = datetime.fromisoformat(work.args["at"])
    sent: list[Arrival] = []
    for number in work.args["numbers"]:
        own = f"{work.name}-{number}"
        three: list[Arrival] = [
            paid(f"{own}-paid", f"m{number}", f"T{number}", 30_000, at),
            OrderReturned(f"{own}-back", f"T{number}", "r1", at + timedelta(seconds=1), amount=10_000),
            OrderCancelled(f"{own}-off", f"T{number}", at + timedelta(seconds=2)),
        ]
        turn = work.args["turn"]
        sent += three[turn:] + three[:turn]
    return await together(work, sent)


async def meet(work: Work) -> Told:
    """The same new people come to all tills at once: some buy, some register."""
    at = datetime.now(UTC)
    sent: list[Arrival] = []
    for number in range(work.args["people"]):
        sent.append(paid(f"{work.name}-b{number}", f"buyer{number}", f"{work.name}-{number}", 10_000, at))
        sent.append(MemberEnrolled(f"{work.name}-e{number}", (("external", f"joiner{number}"),), at))
    return await together(work, sent)


async def sell_on(work: Work) -> Told:
    """Send orders in batches until told to stop; the batch that is under way is finished."""
    stop = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    answers: Told = []
    while not stop.done():
        # A little ahead of time, so that they count when they are received: whatever is live by then decides.
        at, first = datetime.now(UTC) + timedelta(minutes=2), len(answers)
        batch = [
            paid(f"{work.name}-{first + place}", f"m{place}", f"{work.name}-{first + place}", 10_000, at)
            for place in range(BATCH)
        ]
        answers += [told(receipt) for receipt in await receive(work.house, work.caller, batch)]
        say("sent", min(earned(answer) for answer in answers[first:]))
    return answers


def earned(answer: dict[str, Any]) -> int:
    """What an order brought, in whatever wallet and account: it tells which rate was live."""
    return max(int(change) for accounts in answer["changes"]["points"].values() for change in accounts.values())


async def publishing(work: Work) -> Told:
    """Publish one rate after the other; say each, and go on when told."""
    for rate in range(2, 2 + work.args["versions"]):
        while True:
            try:
                await publish(work.house.db, work.house.rulebook, ADMIN, "story", files(rate=rate), note=f"rate {rate}")
            except Throttled:
                continue
            break
        say("published")
        await asyncio.to_thread(sys.stdin.readline)
    return []


async def until_killed(work: Work) -> Told:
    """Send batches of orders for ever: say which before each, and which keys were acknowledged after it."""
    number = 0
    while True:
        number += 1
        batch = orders_of(work.args["cycle"], number)
        say("sending", number)
        receipts = await receive(work.house, work.caller, batch)
        say("acknowledged", number, *[f"{receipt.key}={receipt.event_id}" for receipt in receipts])


def orders_of(cycle: int, number: int) -> list[Arrival]:
    """The orders of one batch, the same whoever makes them."""
    at = datetime(2026, 3, 2, 4, 0, tzinfo=UTC) + timedelta(minutes=number)
    names = [f"{cycle}.{number}.{place}" for place in range(BATCH)]
    return [paid(name, f"m{place}", name, 10_000, at) for place, name in enumerate(names)]


TASKS: dict[str, Callable[[Work], Awaitable[Told]]] = {
    each.__name__: each
    for each in (
        *(spend, claim, sign_up, cancel_seats, enter, use_codes),
        *(same_key, buy, till_work, meet, sell_on, publishing, until_killed),
    )
}


def say(*words: object) -> None:
    """Let the test know."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def main(task: str, url: str, args: dict[str, Any]) -> None:
    """Open the house, wait for the word, do the work."""
    house = await House.open(url, SECRET, token_bytes)
    try:
        await house.rulebook.programme(house.db, "story")
        say("ready", os.getpid())
        if task != "until_killed":
            sys.stdin.readline()
        say(json.dumps(await TASKS[task](Work(house, args.get("name", task), args))))
    finally:
        await house.close()


def forks(task: str, url: str, args: dict[str, Any]) -> None:
    """Have the task done by one child after the other: a child is there at once, and may be killed."""
    for cycle in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            asyncio.run(main(task, url, args | {"cycle": int(cycle)}))
            os._exit(0)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    run, *rest = sys.argv[1:]
    arguments: dict[str, Any] = json.loads(rest[2])
    if run == "forks":
        forks(rest[0], rest[1], arguments)
    else:
        asyncio.run(main(rest[0], rest[1], arguments))
