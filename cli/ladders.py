"""`loyalty tiers preview | change | revert`: a ladder of a live programme, looked at, changed, and put back."""

import json as texts_of_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.folders import read_texts
from cli.words import answer, as_json, say

if TYPE_CHECKING:
    from loyalty.ladder_previews import LadderPreview
    from loyalty.rulebook import Live

Programme = Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))]
Of = Annotated[str | None, typer.Option("--ladder", help=say("help.ladder"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]
Folder = Annotated[Path, typer.Argument(help=say("help.folder"), exists=True, file_okay=False)]


def preview(folder: Folder, programme: Programme = None, ladder: Of = None, json: AsJson = False) -> None:
    """Say who would move where by the ladder of a folder; nobody is moved."""
    from cli.house import opened, programme_of, run
    from loyalty import ladder_previews, thresholds

    texts = read_texts(folder)

    async def work() -> tuple["Live", "LadderPreview"]:
        async with opened() as house:
            live = await programme_of(house, programme)
            (row,) = await house.db.rows(thresholds.now(house.db.dialect))
            key = _ladder(live, texts, ladder)
            found = await ladder_previews.preview(house, live, texts, key, row["read_at"], progress=_progress)
            return live, found

    _, found = run(work())
    moves = [{"from": old, "to": new, "members": count} for (old, new), count in found.moves.items()]
    if json:
        as_json({"ladder": found.ladder, "members": found.members, "looked_at": found.looked_at, "moves": moves})
        return
    answer("\n".join(say("ladder_move", **{**one, "before": one["from"], "after": one["to"]}) for one in moves))
    answer(say("ladder_looked", members=found.members, looked=found.looked_at))


def change(
    folder: Folder,
    programme: Programme = None,
    ladder: Of = None,
    grace: Annotated[str | None, typer.Option("--grace-until", help=say("help.grace"))] = None,
    stages: Annotated[list[str] | None, typer.Option("--stage", help=say("help.stage"))] = None,
    json: AsJson = False,
) -> None:
    """Publish the ladder of a folder with how it comes to count; every other document stays as it is published."""
    document = texts_of_json.loads(read_texts(folder)[f"tiers/{_only(read_texts(folder), ladder)}"])
    made: dict[str, Any] = {"stages": [_stage(one) for one in stages]} if stages else {}
    made |= {"grace_until": grace} if grace else {}
    document["transition"] = made or document.get("transition") or {}
    _publish(programme, _only(read_texts(folder), ladder), document, json)


def revert(
    ladder: Annotated[str, typer.Argument(help=say("help.ladder"))], programme: Programme = None, json: AsJson = False
) -> None:
    """Publish the ladder as it was before its last change, and put everybody back."""
    from cli.house import opened, programme_of, run
    from loyalty.rulebook import documents

    async def work() -> tuple[dict[str, Any], int] | None:
        async with opened() as house:
            live = await programme_of(house, programme)
            path, numbers = f"tiers/{ladder}", sorted(edition.number for edition in live.editions)
            last: str | None = None
            for number in reversed(numbers):
                text = (await documents(house.db, live.programme_id, number)).get(path)
                if last is not None and text is not None and text != last:
                    return texts_of_json.loads(text), number + 1
                last = last or text
            return None

    found = run(work())
    if found is None:
        raise typer.BadParameter(say("ladder_unchanged", ladder=ladder), param_hint="LADDER")
    document, since = found
    _publish(programme, ladder, {**document, "transition": {"takes_back": since}}, json)


def _publish(programme: str | None, ladder: str, document: dict[str, Any], json: bool) -> None:
    from cli.house import opened, operator, programme_of, run
    from loyalty.publishing import publish
    from loyalty.rulebook import documents

    async def work() -> tuple[str, int]:
        async with opened() as house:
            live = await programme_of(house, programme)
            texts = await documents(house.db, live.programme_id, live.newest.number)
            texts[f"tiers/{ladder}"] = texts_of_json.dumps(document, ensure_ascii=False)
            caller = operator(live.name)
            edition = await publish(house.db, house.rulebook, caller, live.name, texts, source="cli")
            return live.name, edition.number

    name, number = run(work())
    if json:
        as_json({"programme": name, "version": number, "ladder": ladder, "transition": document["transition"]})
    else:
        answer(say("ladder_published", ladder=ladder, version=number))


def _stage(text: str) -> dict[str, Any]:
    """`2026-12-01`, or `10:2026-12-01` for a share of the members."""
    share, _, day = text.rpartition(":")
    return {"from": day, "percent": share} if share else {"from": day}


def _ladder(live: "Live", texts: dict[str, str], asked: str | None) -> str:
    return asked or live.newest.ruleset.definitions.main_ladder or _only(texts, asked)


def _only(texts: dict[str, str], asked: str | None) -> str:
    """The ladder that is meant: by its key, or the only one there is."""
    keys = sorted(path.removeprefix("tiers/") for path in texts if path.startswith("tiers/"))
    if asked in keys or len(keys) == 1:
        return asked or keys[0]
    raise typer.BadParameter(say("which_ladder", names=", ".join(keys) or "–"), param_hint="--ladder")


def _progress(looked: int, members: int) -> None:
    typer.echo(say("ladder_progress", looked=looked, members=members), err=True)
