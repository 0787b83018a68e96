"""Every story a programme tells of itself is played through the intake, clock and all, and the books are proved."""

import json
import os
from collections import Counter
from pathlib import Path
from secrets import token_bytes

import pytest

from cli.folders import read_texts
from cli.rehearsing import stories_in
from jobs.worker import Worker
from loyalty.access import Caller, scopes_of
from loyalty.house import House
from loyalty.publishing import create_programme
from loyalty.rehearsing import begins, rehearse
from models.database import Database
from rules.stories import Story
from tests.loyalty.conftest import SECRETS, Shop

ROOT = Path(__file__).parents[2]
PROGRAMMES = ROOT / "rules/programmes"
WORKED = ROOT.parent / "shared" / "examples" / "programmes.json"
WORKED_OF = {"SBUX": 8, "SBCN": 9, "SEPH": 12, "MACY": 10, "KOHL": 9, "JDBN": 5, "DJIC": 6}
ADMIN = Caller("staff:admin", "story", scopes_of(["admin", "marketer"]))
TOLD = [(folder, story) for folder in sorted(PROGRAMMES.iterdir()) for story in stories_in(folder)]


@pytest.mark.parametrize(("folder", "story"), TOLD, ids=[f"{folder.name}:{story.id}" for folder, story in TOLD])
async def test_a_story_is_true(db: Database, folder: Path, story: Story):
    house = House(db, SECRETS, token_bytes)
    live = await create_programme(db, house.rulebook, ADMIN, "story", read_texts(folder), now=begins(story))
    worker = Worker(house, "story")

    misses = await rehearse(house, live, story, worker.tick)

    assert misses == []
    await Shop(house).prove()


def test_each_real_programme_tells_all_of_its_worked_examples():
    told = [story.id for _, story in TOLD]

    found = Counter(name.partition("-")[0] for name in told)

    assert {prefix: found[prefix] for prefix in WORKED_OF} == WORKED_OF
    assert len(told) == len(set(told))


@pytest.mark.skipif(
    not (WORKED.exists() or os.environ.get("LOYALTY_TEST_FULL")),
    reason="the worked examples are not beside the repository",
)
def test_every_worked_example_of_the_seven_real_programmes_is_told():
    worked = {example["id"] for programme in json.loads(WORKED.read_text()) for example in programme["examples"]}

    told = {story.id for _, story in TOLD}

    assert len(worked) == 59
    assert worked - told == set()
