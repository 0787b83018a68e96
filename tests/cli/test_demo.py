"""The demo stands after one command, answers its own question, and stands at once when asked for again."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

import pytest

from cli.house import DEMO_DATABASE, DEMO_FOLDER, DEMO_SECRET
from loyalty.house import House
from loyalty.publishing import create_programme
from loyalty.refusals import Forbidden
from loyalty.verify import verify
from seeds.history import SPAN, history
from seeds.people import people
from seeds.play import batches, begins, play
from seeds.scene import FOLDER, Scene, names, scene_of
from tests.loyalty.conftest import SECRETS

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
FEW = ("--members", "8")


def answer_of(out: str) -> Any:
    """What stands after the last heading is the answer."""
    return json.loads(out[out.rindex("answer:\n") + len("answer:\n") :])


def test_the_demo_prints_where_to_look_and_what_to_ask(shell):
    said = shell("demo", "--no-serve", "--port", "0", *FEW)

    assert said.code == 0, said.err
    assert "http://127.0.0.1:" in said.out
    assert "/graphiql" in said.out
    # Told by how each line begins: a member's token is base64, in which any three signs may stand.
    exported = [line.removeprefix("export ") for line in said.out.splitlines() if line.startswith("export ")]
    assert [line.split("=")[0] for line in exported] == ["MEMBER", "MARKETER", "PARTNER"]
    assert [line.partition("=")[2][:3] for line in exported] == ["eyJ", "lk_", "lk_"]
    answer = answer_of(said.out)
    assert "errors" not in answer
    assert answer["data"]["me"]["points"]["entries"]["nodes"]
    assert answer["data"]["me"]["tier"]["title"] != ""


def test_the_second_time_it_is_the_same_demo(shell):
    first = shell("demo", "--no-serve", "--port", "0", *FEW)
    events = shell("db", "status", "--json").json["rows"]["events"]

    second = shell("demo", "--no-serve", "--port", "0", *FEW)

    assert second.code == 0
    assert answer_of(second.out) == answer_of(first.out)
    assert "is ready" in first.err
    assert "is ready" not in second.err
    assert shell("db", "status", "--json").json["rows"]["events"] == events


def test_a_demo_that_was_broken_off_is_made_anew(shell, monkeypatch):
    class Broken(Exception):
        pass

    async def break_off(*_args: object, **_more: object) -> None:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr("seeds.play.play", break_off)
        with pytest.raises(Broken):
            shell("demo", "--no-serve", *FEW)
    assert not (shell.folder / DEMO_DATABASE).exists()

    assert shell("demo", "--no-serve", "--port", "0", *FEW).code == 0
    assert [file.name for file in sorted((shell.folder / DEMO_FOLDER).iterdir())] == ["demo.db", "secret"]


def test_the_demos_secret_is_for_its_owners_eyes(shell):
    shell("demo", "--no-serve", "--port", "0", *FEW)

    assert (shell.folder / DEMO_SECRET).stat().st_mode & 0o077 == 0
    with sqlite3.connect(shell.folder / DEMO_DATABASE) as database:
        dump = "\n".join(database.iterdump())
    database.close()
    assert (shell.folder / DEMO_SECRET).read_text() not in dump
    assert "林晓梅" not in dump
    assert "19900000001" not in dump


def test_after_the_demo_every_command_finds_it(shell):
    shell("demo", "--no-serve", "--port", "0", *FEW)

    assert shell("ledger", "verify").code == 0
    assert shell("tokens", "new", "member", "--member", "M-0001").code == 0


def told(members: int = 20, seed: int = 7) -> list[Any]:
    from random import Random

    chance = Random(seed)
    scene = the_scene()
    return history(scene, people(members, chance, NOW.date(), SPAN, scene.channels), chance, NOW)


def the_scene(programme: str = "demo") -> Scene:
    from cli.folders import folder_of, read_texts

    return scene_of(programme, read_texts(folder_of(programme)))


def test_the_same_seed_tells_the_same_story():
    assert told() == told()
    assert told() != told(seed=8)


def test_the_story_runs_up_to_the_present_and_not_beyond():
    times = [at for at, _ in told()]

    assert times == sorted(times)
    assert begins(NOW) <= times[0]
    assert NOW - timedelta(days=7) < times[-1] <= NOW


def test_batches_keep_the_order_and_lose_nothing():
    happened = told()

    cut = list(batches(happened, the_scene().zone))

    assert [one for batch in cut for one in batch] == happened
    assert max(map(len, cut)) <= 256


async def played_in(db, programme: str, members: int) -> Any:
    """A programme's demo, played by so many people; its books are proved, and what became of it is told."""
    from cli.folders import folder_of, read_texts
    from cli.house import operator
    from jobs.worker import Worker
    from loyalty.replaying import Replayer

    house = House(db, SECRETS, token_bytes)
    texts = read_texts(folder_of(programme))
    live = await create_programme(db, house.rulebook, operator(programme), programme, texts, now=begins(NOW))
    scene = scene_of(programme, texts)
    advance = Worker(house, programme).tick

    played = await play(house, scene, now=NOW, advance=advance, progress=lambda _done, _total: None, members=members)

    assert (await verify(db, live.programme_id, replay=Replayer(house))).findings == []
    return played


async def kinds_of(db) -> set[str]:
    return {row["kind"] for row in await db.rows("SELECT DISTINCT kind FROM events")}


async def test_played_books_are_sound(db):
    played = await played_in(db, "demo", 30)

    assert played.states.keys() <= {"accepted", "refused"}
    assert played.states.get("refused", 0) < played.states["accepted"] * 0.05
    assert await kinds_of(db) >= {
        "order.paid", "order.returned", "member.enrolled", "profile.completed", "points.redeem", "review.written",
        "clock.due", "clock.review",
    }  # fmt: skip


@pytest.mark.parametrize("programme", [name for name in names() if name != "demo"])
async def test_every_house_programme_can_be_played(db, programme):
    played = await played_in(db, programme, 8)

    assert played.states.keys() <= {"accepted", "refused"}
    assert played.states.get("refused", 0) < played.states["accepted"] * 0.1
    assert await kinds_of(db) >= {"order.paid", "order.returned", "member.enrolled", "points.redeem"}


def test_the_five_house_programmes_have_their_worlds():
    assert set(names()) == {
        "annual-privileges", "brand-care", "classic", "demo", "omnichannel-shop", "tiers-and-plans",
    }  # fmt: skip


@pytest.mark.parametrize("programme", names())
def test_a_world_speaks_of_what_the_programme_has(programme):
    scene = the_scene(programme)

    described = json.loads((FOLDER / f"{programme}.json").read_text(encoding="utf-8"))
    assert [deed.type for deed in scene.deeds] == [one["type"] for one in described["deeds"]]
    assert [reward.benefit for reward in scene.rewards] == [one["benefit"] for one in described["rewards"]]
    assert scene.rewards
    assert dict(scene.shop_of) == described["shops"]


def test_another_programme_is_played_beside_the_demo_and_says_where_it_is(shell):
    said = shell("demo", "--programme", "classic", "--no-serve", "--port", "0", *FEW)

    assert said.code == 0, said.err
    assert (shell.folder / DEMO_DATABASE.with_stem("classic")).exists()
    assert not (shell.folder / DEMO_DATABASE).exists()
    exported = [line.removeprefix("export ") for line in said.out.splitlines() if line.startswith("export ")]
    assert [line.split("=")[0] for line in exported] == ["LOYALTY_DATABASE_URL", "MEMBER", "MARKETER"]
    answer = answer_of(said.out)
    assert "errors" not in answer
    assert answer["data"]["me"]["points"]["entries"]["nodes"]


def test_a_programme_without_a_world_is_refused_by_name(shell):
    said = shell("demo", "--programme", "airline", "--no-serve", "--port", "0")

    assert said.code == 2
    assert "airline" in said.err
    assert "brand-care" in said.err


async def test_a_service_cannot_found_a_programme(db):
    from loyalty.access import Caller, scopes_of

    house = House(db, SECRETS, token_bytes)

    with pytest.raises(Forbidden):
        await create_programme(db, house.rulebook, Caller("client:x", "x", scopes_of(["service"])), "x", {})
