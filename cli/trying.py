"""`loyalty rules try`: what an event would do by the documents on disk, policy by policy; nothing is written."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.folders import folder_of, read_texts
from cli.words import Speech, answer, as_json, say

if TYPE_CHECKING:
    from loyalty.events import Arrival
    from loyalty.explaining import Judged
    from loyalty.house import House
    from loyalty.previewing import Preview
    from loyalty.rulebook import Live


def try_event(
    event: Annotated[Path, typer.Option("--event", help=say("help.event"), exists=True, dir_okay=False)],
    member: Annotated[str, typer.Option("--member", help=say("help.member"))] = "",
    programme: Annotated[str, typer.Option("--programme", "-p", help=say("help.programme"))] = "demo",
    folder: Annotated[Path | None, typer.Option("--folder", help=say("help.folder"))] = None,
    json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    """Fold one event by a draft, on the member's real books."""
    from cli.events import member_ref, read_event
    from cli.house import opened, operator, run
    from loyalty.previewing import preview

    where = folder or folder_of(programme)
    texts = read_texts(where)

    async def work() -> tuple["Preview", "list[Judged]"]:
        async with opened() as house:
            live = await draft(house, programme, texts)
            now = datetime.now(UTC)
            currency = live.newest.ruleset.programme.currency
            arrival = read_event(event, member_ref(member) if member else None, currency, now)
            found = await preview(house, operator(programme), arrival, now=now, live=live)
            return found, judged(found, arrival, now)

    found, decided = run(work())
    if json:
        as_json(figures(found, decided))
    else:
        show(found, decided)
        answer(say("tried", source=say("try_folder", folder=where)))
    raise typer.Exit(int(found.receipt.state not in ("accepted", "waiting")))


async def draft(house: "House", programme: str, texts: dict[str, str]) -> "Live":
    """The programme as if these documents had decided from the beginning of time."""
    from dataclasses import replace

    from loyalty.publishing import Bundle
    from loyalty.rulebook import BEGINNING, Edition

    live = await house.rulebook.programme(house.db, programme)
    bundle = Bundle.of(texts)
    ruleset = await house.rulebook.compile(bundle.entries, bundle.texts)
    return replace(live, editions=(Edition(live.newest.number + 1, BEGINNING, ruleset),))


def judged(found: "Preview", arrival: "Arrival", now: datetime) -> "list[Judged]":
    """The decisions of a preview, made again with their reasons; one at least, for why nothing came of it."""
    from loyalty.explaining import judge_now, rejudge
    from loyalty.turn import Turn

    about = (arrival.kind, "member.enrol_wanted")
    decided = [
        rejudge(found.book, found.ruleset, decision, arrival if decision.kind in about else None)
        for decision in found.decisions
    ]
    member_id = found.receipt.member_id or 0
    if member_id > 0 and arrival.kind in found.ruleset.kinds and all(one.kind != arrival.kind for one in decided):
        found.book.recalled = {}
        at = min(getattr(arrival, "occurred_at", now), now)
        turn = Turn(found.book, 0, arrival.kind, member_id, position=0, instant=at, at=at, late=False)
        decided.insert(0, judge_now(found.ruleset, turn, arrival))
    return decided


def show(found: "Preview", decided: "list[Judged]") -> None:
    """The waterfall, and what the answer would be."""
    from locales import text
    from loyalty.explaining import waterfall
    from loyalty.refusals import worded

    for one in decided:
        answer(text(f"event.{one.kind}", Speech.lang) if _named(one) else one.kind)
        for line in waterfall(one, Speech.lang):
            answer(f"  {line}")
    receipt, lang = found.receipt, Speech.lang
    refusal = worded(receipt.code, receipt.params, lang) if receipt.code else ""
    answer(say("try_answer", state=refusal or text(f"cli.state.{receipt.state}", lang)))
    for line in changes(found):
        answer(f"  {line}")


def changes(found: "Preview") -> Iterator[str]:
    """What would change, in the programme's own words."""
    from locales import text
    from rules import exact

    ruleset, told, lang = found.ruleset, found.receipt.changes, Speech.lang
    for key, accounts in told.get("points", {}).items():
        wallet = ruleset.programme.wallets[key]
        for account, change in accounts.items():
            signed = f"{'+' if change > 0 else ''}{exact.text(change, wallet.scale)}"
            name = text(f"account.{account}", lang)
            yield say("try_points", wallet=wallet.title.say(lang), account=name, change=signed)
    for move in told.get("tiers", ()):
        ladder = ruleset.ladders[move["ladder"]]
        titles = {level.key: level.title.say(lang) for level in ladder.levels}
        before, after = titles.get(move["from"], move["from"]), titles.get(move["to"], move["to"])
        yield say("try_tier", ladder=ladder.title.say(lang), before=before, after=after)
    for given in told.get("entitlements", ()):
        yield say("try_benefit", benefit=ruleset.benefits[given["benefit"]].title.say(lang), state=given["state"])


def _named(one: "Judged") -> bool:
    from locales import texts

    return f"event.{one.kind}" in texts(Speech.lang)


def figures(found: "Preview", decided: "list[Judged]") -> dict[str, Any]:
    """The same for programs."""
    receipt = found.receipt
    return {
        "state": receipt.state,
        "code": receipt.code,
        "params": dict(receipt.params),
        "changes": dict(receipt.changes),
        "decisions": [
            {
                "kind": one.kind,
                "read": dict(one.facts),
                "policies": [{"policy": told.policy, "state": told.state} for told in one.stories],
            }
            for one in decided
        ],
    }
