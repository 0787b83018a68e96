"""`loyalty tiers …`: the shell says where a percentile begins, and keeps it."""

import asyncio
import json

from models.database import Database
from tests.loyalty.programme import FILES
from tests.loyalty.test_percentiles import METRICS, TEXT


def ranked(**percentiles):
    programme = FILES["programme"] | {"percentiles": percentiles}
    return {"programme": programme | {"metrics": {**programme["metrics"], **METRICS}}}


def thresholds(url):
    async def read():
        db = await Database.open(url)
        try:
            return await db.rows("SELECT name, value, members FROM thresholds ORDER BY position")
        finally:
            await db.close()

    return asyncio.run(read())


def test_percentiles_are_computed_now_and_said_in_words_and_for_programs(house, database_url):
    top = {"title": TEXT, "of": "spend_365d", "top": "10"}
    house.programme(**ranked(top=top))
    assert house("rules", "publish", "rules/programmes/story").code == 0
    orders = "".join(f"A{number},m{number},2026-11-0{number + 1},{100 * (number + 1)}.00\n" for number in range(5))
    house.write("orders.csv", "order,member,date,amount\n" + orders)
    layout = "number=order,member=member,date=date,amount=amount"
    imported = house("import", "orders", "orders.csv", "--map", layout)
    assert imported.code == 0, imported.out + imported.err

    said, again = house("tiers", "percentiles"), house("tiers", "percentiles", "--json", "--lang", "zh-CN")

    assert (said.code, again.code) == (0, 0)
    assert said.out == "top 10 % by spend: from ¥500 (Story), of 5 members\n"
    (row,) = again.json
    assert (row["percentile"], row["of"], row["from"], row["members"]) == ("top", "spend_365d", "500.00", 5)
    assert row["words"] == "消费前10%：门槛为500元（故事），共5名会员参与排名"
    assert [(row["value"], row["members"]) for row in thresholds(database_url)] == [(50_000, 5)] * 2


def test_a_programme_without_percentiles_is_told_where_they_stand(house):
    said = house("tiers", "percentiles")

    assert (said.code, said.err) == (0, "")
    assert "programme.json" in said.out
    assert json.loads(house("tiers", "percentiles", "--json").out) == []


def dearer(gold="2000"):
    """The story's ladder, gold for more."""
    normal, level = FILES["tiers/grade"]["levels"]
    asked = level["reach"] | {"value": gold}
    return {**FILES["tiers/grade"], "levels": [normal, level | {"reach": asked}]}


def tiers(url):
    async def read():
        db = await Database.open(url)
        try:
            rows = await db.rows("SELECT tier, COUNT(*) AS members FROM standings GROUP BY tier ORDER BY tier")
            return {row["tier"]: row["members"] for row in rows}
        finally:
            await db.close()

    return asyncio.run(read())


def test_a_ladder_is_looked_at_changed_and_put_back(house, database_url):
    assert house("rules", "publish", "rules/programmes/story").code == 0
    orders = "".join(f"A{number},m{number},2026-11-0{number + 1},{600 * (number + 1)}.00\n" for number in range(5))
    house.write("orders.csv", "order,member,date,amount\n" + orders)
    assert (
        house("import", "orders", "orders.csv", "--map", "number=order,member=member,date=date,amount=amount").code == 0
    )
    assert tiers(database_url) == {"gold": 4, "normal": 1}
    house.programme(tiers__grade=dearer())

    seen = house("tiers", "preview", "rules/programmes/story", "--json")
    told = house("tiers", "preview", "rules/programmes/story")
    changed = house("tiers", "change", "rules/programmes/story", "--grace-until", "2099-01-01", "--json")
    taken = house("tiers", "revert", "grade", "--json")

    assert seen.json["moves"] == [
        {"from": "gold", "to": "gold", "members": 2},
        {"from": "gold", "to": "normal", "members": 2},
        {"from": "normal", "to": "normal", "members": 1},
    ]
    assert told.out.splitlines()[1] == "gold → normal: 2"
    assert changed.json["transition"] == {"grace_until": "2099-01-01"}
    assert taken.json["transition"] == {"takes_back": changed.json["version"]}
    assert tiers(database_url) == {"gold": 4, "normal": 1}
