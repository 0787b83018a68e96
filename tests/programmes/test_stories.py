"""Every story a programme tells of itself is played through the intake, clock and all, and the books are proved."""

import json
from pathlib import Path
from secrets import token_bytes

import pytest

from cli.folders import read_texts
from jobs.worker import Worker
from loyalty.access import Caller, scopes_of
from loyalty.house import House
from loyalty.publishing import create_programme
from loyalty.rehearsing import begins, rehearse
from models.database import Database
from rules.stories import Stories, Story
from tests.loyalty.conftest import SECRETS, Shop

ROOT = Path(__file__).parents[2]
PROGRAMMES = ROOT / "rules/programmes"
WORKED = ROOT.parent / "shared" / "examples" / "programmes.json"
ADMIN = Caller("staff:admin", "story", scopes_of(["admin", "marketer"]))
TOLD = [
    (folder, story)
    for folder in sorted(PROGRAMMES.iterdir())
    for file in sorted(folder.glob("stories/*.json"))
    for story in Stories.model_validate_json(file.read_text(encoding="utf-8")).stories
]


@pytest.mark.parametrize(("folder", "story"), TOLD, ids=[f"{folder.name}:{story.id}" for folder, story in TOLD])
async def test_a_story_is_true(db: Database, folder: Path, story: Story):
    house = House(db, SECRETS, token_bytes)
    live = await create_programme(db, house.rulebook, ADMIN, "story", read_texts(folder), now=begins(story))
    worker = Worker(house, "story")

    misses = await rehearse(house, live, story, worker.tick)

    assert misses == []
    await Shop(house).prove()


@pytest.mark.skipif(not WORKED.exists(), reason="the worked examples are not beside the repository")
def test_every_worked_example_of_the_seven_real_programmes_is_told():
    worked = {example["id"] for programme in json.loads(WORKED.read_text()) for example in programme["examples"]}

    told = {story.id for _, story in TOLD}

    assert len(worked) == 59
    assert worked - told == set()
