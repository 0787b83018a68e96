"""Programmes from the shell as they begin and change: a copy of a ready one, what a change means, what it warns of."""

import json
from pathlib import Path

from tests.cli.test_rules import ENDLESS, TREBLE, trebled
from tests.loyalty.programme import FILES

STORY = "rules/programmes/story"
SHIPPED = Path(__file__).parents[2] / "rules/programmes"


def copy_of(shell, name, **changes):
    """The story's folder under another name, some documents changed; `None` takes one away."""
    shell.programme()
    for path, document in {**FILES, **{path.replace("__", "/"): one for path, one in changes.items()}}.items():
        if document is not None:
            shell.write(f"rules/programmes/{name}/{path}.json", json.dumps(document, ensure_ascii=False))
    return f"rules/programmes/{name}"


def test_a_programme_begins_with_a_copy_of_a_ready_one(shell):
    said = shell("rules", "new", "--from", "cafe", "corner")

    made = shell.folder / "rules/programmes/corner"
    files = sorted(file.relative_to(SHIPPED / "cafe") for file in (SHIPPED / "cafe").rglob("*.json"))
    assert said.code == 0
    assert sorted(file.relative_to(made) for file in made.rglob("*.json")) == files
    assert all((made / file).read_bytes() == (SHIPPED / "cafe" / file).read_bytes() for file in files)
    assert said.out.startswith(f"rules/programmes/corner: {len(files)} documents copied from cafe.\n")
    assert "loyalty programme create corner --folder rules/programmes/corner" in said.out
    assert shell("rules", "validate", "rules/programmes/corner").code == 0


def test_a_new_programme_goes_where_a_path_says(shell):
    said = shell("rules", "new", "--from", "cafe", "mine/corner", "--lang", "zh-CN")

    assert said.code == 0
    assert (shell.folder / "mine/corner/programme.json").is_file()
    assert not (shell.folder / "rules").exists()
    assert "接下来" in said.out


def test_what_is_there_is_never_written_over(shell):
    shell.programme()
    before = (shell.folder / STORY / "programme.json").read_bytes()

    said = shell("rules", "new", "--from", "cafe", "story")

    assert said.code == 2
    assert "rules/programmes/story is there already" in said.err
    assert (shell.folder / STORY / "programme.json").read_bytes() == before
    assert not (shell.folder / STORY / "benefits/free-drink.json").exists()


def test_templates_are_listed_and_named_where_one_is_unknown(shell):
    listed, unknown = shell("rules", "new"), shell("rules", "new", "--from", "cafés", "corner")

    assert [line.partition(":")[0] for line in listed.out.splitlines()] == sorted(one.name for one in SHIPPED.iterdir())
    assert "cafe: Café stamps" in listed.out.splitlines()
    assert unknown.code == 2
    assert "no template cafés. There are: airline, annual-privileges, " in " ".join(unknown.err.split())
    assert shell("rules", "new", "corner").code == 2
    assert shell("rules", "new", "--from", "cafe").code == 2
    assert not (shell.folder / "rules").exists()


def test_a_change_is_told_in_words_and_by_field(shell):
    other = copy_of(
        shell, "other", earn__base={**FILES["earn/base"], "actions": [*TREBLE, FILES["earn/base"]["actions"][1]]}
    )

    english, chinese = (shell("rules", "diff", STORY, other, "--lang", lang) for lang in ("en", "zh-CN"))

    assert english.code == 1
    assert english.out.splitlines() == [
        "~ earn/base",
        "    Does: earn 1 → 3 points for every ¥1 of the amount paid, rounded down once for the order",
        '    /actions/0/params/points: "1" → "3"',
    ]
    assert english.err == "1 document(s) changed, 0 added, 0 removed.\n"
    assert chinese.out.splitlines()[1] == "    内容：实付每1元得1 → 3分，按订单向下取整"


def test_documents_that_come_and_go_are_told_whole(shell):
    other = copy_of(shell, "other", earn__more={**FILES["earn/base"], **ENDLESS}, earn__base=None)

    said = shell("rules", "diff", STORY, other)
    (gone, came) = shell("rules", "diff", STORY, other, "--json").json

    lines = said.out.splitlines()
    assert (lines[0], lines[2]) == ("- earn/base", "+ earn/more")
    assert "earn 1 points for every ¥1 of the amount paid" in lines[1]
    assert "From 2026-11-01" in lines[3] or "from 2026-11-01" in lines[3]
    assert said.err == "0 document(s) changed, 1 added, 1 removed.\n"
    assert (gone["path"], gone["kind"], came["path"], came["kind"]) == ("earn/base", "removed", "earn/more", "added")
    assert came["changes"] == []


def test_nothing_changes_where_only_the_layout_does(shell):
    said = shell("rules", "diff", STORY, copy_of(shell, "other"))

    assert (said.code, said.out, said.err) == (0, "", "Nothing changes.\n")


def test_a_folder_stands_beside_what_is_published(house):
    same = house("rules", "diff", STORY)
    house.programme(**trebled(house))
    changed = house("rules", "diff", STORY, "--json")
    nowhere = house("rules", "diff", STORY, "-p", "nowhere")
    house("rules", "publish", "-p", "story")
    after = house("rules", "diff", STORY)

    (found,) = changed.json
    rate = {"kind": "changed", "pointer": "/actions/0/params/points", "before": "1", "after": "3"}
    assert (same.code, changed.code, after.code) == (0, 1, 0)
    assert rate in found["changes"]
    assert nowhere.code == 1
    assert "no programme nowhere" in nowhere.err


def test_folders_with_faults_differ_by_their_fields_alone(shell):
    other = copy_of(shell, "other", earn__base={**FILES["earn/base"], "actions": [{"name": "__init__"}]})

    said = shell("rules", "diff", STORY, other)

    assert said.code == 1
    assert said.out.startswith("~ earn/base\n    /actions/0/name: ")


def test_a_publication_says_what_was_probably_not_meant_and_goes_on(house):
    house.programme(campaigns__november={**FILES["earn/base"], **ENDLESS})

    said = house("rules", "publish", "-p", "story", "--json")

    assert (said.code, said.json["version"]) == (0, 2)
    assert said.err.startswith("rules/programmes/story/campaigns/november.json:")
    assert " NO_END_DATE " in said.err
    assert "NO_END_DATE" not in said.out


def test_what_is_not_counted_is_not_promised(shell):
    shell.programme()
    programme = FILES["programme"]
    stars = {
        "title": {"en": "Stars", "zh-CN": "星星"},
        "unit": {"en": "stars", "zh-CN": "星"},
        "expires": {"never": True},
    }
    rate = {"points": "1", "per": "50.00", "base": "order_paid", "rounding": "floor_order", "wallet": "stars"}
    more = {
        **FILES["earn/base"],
        "actions": [{"name": "earn_points_per_amount", "params": rate}],
        "examples": [
            {"given": {"order_paid": "50.00"}, "then": [{"earn": "stars", "points": 1}]},
            {"given": {"order_paid": "0.30"}, "then": []},
        ],
    }
    shell.programme(earn__stars=more, programme={**programme, "wallets": {**programme["wallets"], "stars": stars}})

    english, chinese = shell("rules", "lint"), shell("rules", "lint", "--lang", "zh-CN")

    assert english.code == 0
    assert "so nothing is promised of them: Stars." in english.err
    assert "No order returns more than" not in english.err
    assert "星星" in chinese.err
