"""Policies from the shell: faults where an editor finds them, a try that writes nothing, a publication."""

import json
import os

from cli.places import place, places
from tests.loyalty.programme import FILES

ORDER = {"number": "T1", "total": "300.00"}
TREBLE = [
    {
        "name": "earn_points_per_amount",
        "params": {"points": "3", "per": "1.00", "base": "order_paid", "rounding": "floor_order"},
    }
]
TREBLED = [
    {"given": {"order_paid": "300.00"}, "then": [{"earn": "points", "points": 900}]},
    {"given": {"order_paid": "0.30"}, "then": []},
]


def trebled(shell):
    return shell.changed("earn/base", actions=TREBLE, examples=TREBLED)


def test_sound_documents_have_no_faults(shell):
    shell.programme()

    said = shell("rules", "validate")

    assert (said.code, said.out) == (0, "")
    assert said.err == "1 programme(s) checked: 0 error(s), 0 warning(s).\n"


def test_a_fault_names_file_line_column_and_code(shell):
    shell.programme(**shell.changed("earn/base", actions=[{"name": "__init__"}]))

    said = shell("rules", "validate")

    assert said.code == 1
    first = said.out.splitlines()[0]
    assert first.startswith("rules/programmes/story/earn/base.json:")
    file, line, column, rest = first.split(":", 3)
    text = (shell.folder / file).read_text().splitlines()[int(line) - 1]
    assert '"__init__"' in text[int(column) - 1 :]
    assert rest.split()[0].isupper()


def test_faults_speak_the_readers_language(shell):
    shell.programme(**shell.changed("earn/base", examples=[]))

    english, chinese = shell("rules", "validate"), shell("rules", "validate", LANG="zh_CN.UTF-8")

    assert english.out.isascii()
    assert not chinese.out.isascii()
    assert english.out.split()[1] == chinese.out.split()[1]
    assert shell("--lang", "zh-CN", "rules", "validate").out == chinese.out


def test_faults_for_programs_and_for_annotations(shell):
    shell.programme(**shell.changed("earn/base", examples=[]))

    (fault, *_) = shell("rules", "validate", "--json").json
    note = shell("rules", "validate", "--format", "github").out

    assert fault["file"] == "rules/programmes/story/earn/base.json"
    assert note.startswith(f"::error file={fault['file']},line={fault['line']},col={fault['column']}::{fault['code']} ")


def test_broken_json_is_found_where_it_breaks(shell):
    folder = shell.programme()
    (folder / "earn" / "base.json").write_text('{\n  "title": {"en": "x"\n  "on": []\n}')

    said = shell("rules", "validate")

    assert said.out.startswith("rules/programmes/story/earn/base.json:3:3: NOT_JSON ")


def test_a_folder_without_a_programme_is_a_mistake_of_usage(shell):
    said = shell("rules", "validate", str(shell.folder))

    assert said.code == 2
    assert "programme.json" in said.err
    assert "Traceback" not in said.err


def test_documents_are_written_in_one_form_once(shell):
    shell.programme()
    before = shell("rules", "fmt", "--check")

    first, second = shell("rules", "fmt"), shell("rules", "fmt")

    assert before.code == 1
    assert before.out == first.out != ""
    assert (second.code, second.out) == (0, "")
    assert shell("rules", "fmt", "--check").code == 0
    assert shell("rules", "validate").code == 0


def test_a_try_shows_the_waterfall_and_writes_nothing(house):
    event = house.write("order.json", json.dumps(ORDER))
    house.programme(**trebled(house))

    said = house("rules", "try", "--event", str(event), "--member", "external:lin", "-p", "story")

    assert said.code == 0, said.err
    assert "A point per yuan: ¥1 → 3 points, of the amount paid ¥300: 900 points" in said.out
    assert "✗ Gold earns double: did not apply" in said.out
    assert "found: Normal" in said.out
    assert "Points, pending: +900" in said.out
    assert house("db", "status", "--json").json["rows"]["events"] == 0
    again = house("rules", "try", "--event", str(event), "--member", "external:lin", "-p", "story", "--lang", "zh-CN")
    assert "每元一分" in again.out


def test_a_try_of_what_would_be_refused_says_why(house):
    event = house.write("redeem.json", json.dumps({"kind": "points.redeem", "benefit": "coupon-10"}))
    house("rules", "publish", "-p", "story")
    rows = house.write("orders.csv", "member,date,amount\nlin,2026-01-05,10.00\n")
    house("import", "orders", str(rows))

    said = house("rules", "try", "--event", str(event), "--member", "external:lin", "-p", "story")

    assert said.code == 1
    assert "Answer: The wallet lacks" in said.out


def test_a_file_that_is_no_event_is_a_mistake_of_usage(house):
    for content in ("{", "[]", '{"total": 3.5}', '{"total": "300.00", "occurredAt": "soon"}'):
        event = house.write("order.json", content)

        said = house("rules", "try", "--event", str(event), "--member", "external:lin", "-p", "story")

        assert said.code == 2
        assert "Traceback" not in said.err


def test_a_publication_is_decided_by_at_once_and_once(house):
    house.programme(**trebled(house))

    first = house("rules", "publish", "-p", "story", "--note", "treble", "--json").json
    second = house("rules", "publish", "-p", "story", "--json").json

    assert (first["version"], first["published"]) == (2, True)
    assert (second["version"], second["published"]) == (2, False)


def test_a_publication_ahead_is_meant_in_the_programmes_zone(house):
    house.programme(**trebled(house))

    ahead = house("rules", "publish", "-p", "story", "--from", "2099-01-01", "--json").json
    behind = house("rules", "publish", str(house.programme()), "--from", "2020-01-01")

    assert ahead["live_from"] == "2098-12-31T16:00:00+00:00"
    assert behind.code == 2
    assert behind.err.startswith("A version cannot decide what is past")


def test_a_publication_tells_people_its_instant_in_the_programmes_zone(house):
    house.programme(**trebled(house))

    said = house("rules", "publish", "-p", "story", "--from", "2099-01-01")

    assert "2099-01-01 00:00:00 Asia/Shanghai" in said.out


def test_faulty_documents_are_not_published(house):
    house.programme(**house.changed("earn/base", examples=[]))

    said = house("rules", "publish", "-p", "story")

    assert said.code == 1
    assert said.err.startswith("earn/base")
    assert house("programme", "list", "--json").json[0]["version"] == 1


def test_a_policy_is_paused_and_goes_on(house):
    assert house("rules", "pause", "earn/base", "-p", "story").code == 0
    paused = house("programme", "list", "--json").json[0]["paused"]
    assert house("rules", "resume", "earn/base", "-p", "story").code == 0

    assert paused == ["earn/base"]
    assert house("programme", "list", "--json").json[0]["paused"] == []
    assert house("rules", "pause", "earn/nothing", "-p", "story").code == 1


def test_a_pointer_is_found_in_its_text():
    text = '{\n  "a": [1, {"b/c": "x,]}"}],\n  "d~": {"e": null}\n}'

    found = places(text)

    assert found[""] == (1, 1)
    assert found["/a/1/b~1c"] == (2, 20)
    assert found["/d~0/e"] == (3, 15)
    assert place(text, "/a/7/z") == (2, 8)


def test_every_pointer_of_a_real_document_is_found():
    text = json.dumps(FILES["tiers/grade"], indent=2, ensure_ascii=False)
    lines = text.splitlines()

    for pointer, (line, column) in places(text).items():
        value = FILES["tiers/grade"]
        for step in pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value[step]
        start = lines[line - 1][column - 1 :]
        assert start.startswith(json.dumps(value, ensure_ascii=False)[0])


STORY = {
    "title": {"en": "What an order earns", "zh-CN": "订单得多少积分"},
    "stories": [
        {
            "id": "one-order",
            "steps": [
                {"at": "2026-03-02", "enrol": True},
                {"at": "2026-03-03", "order": {"total": "300.00"}, "then": {"earned": {"growth": 300, "points": 300}}},
            ],
        }
    ],
}


def test_a_story_that_is_true_is_rehearsed_and_nothing_is_written(shell):
    shell.programme(**{"stories/orders": STORY})

    said = shell("rules", "rehearse")

    assert said.out == "✓ story: one-order\n"
    assert (said.code, said.err) == (0, "1 stories played: 0 not true.\n")


def test_a_story_that_is_not_true_says_what_was_found(shell):
    shell.programme(**{"stories/orders": STORY, **trebled(shell)})

    said = shell("rules", "rehearse", "--json")

    assert said.code == 1
    (played,) = json.loads(said.out)
    assert played["true"] is False
    assert [(miss["step"], miss["what"], miss["expected"], miss["found"]) for miss in played["misses"]] == [
        (1, "earned growth", "300", "0"),
        (1, "earned points", "300", "900"),
    ]


def test_documents_with_faults_are_not_rehearsed(shell):
    shell.programme(**{"stories/orders": STORY, **shell.changed("earn/base", actions=[{"name": "__init__"}])})

    said = shell("rules", "rehearse")

    assert said.code == 2
    assert "validate" in said.err


ENDLESS = {"valid": {"from": "2026-11-01"}}


def test_a_warning_is_given_with_its_place_and_forbids_nothing(shell):
    campaign = {**FILES["earn/base"], **ENDLESS}
    shell.programme(campaigns__november=campaign)

    checked, warned = shell("rules", "validate"), shell("rules", "lint")

    assert (checked.code, warned.code) == (0, 1)
    assert warned.out.startswith("rules/programmes/story/campaigns/november.json:")
    assert " NO_END_DATE This campaign has no end" in warned.out
    assert checked.out == warned.out
    assert checked.err == "1 programme(s) checked: 0 error(s), 1 warning(s).\n"


def test_what_lint_says_for_programs_and_of_the_worst_case(shell):
    shell.programme(campaigns__november={**FILES["earn/base"], **ENDLESS})

    (fault,) = shell("rules", "lint", "--json").json
    shell.programme(campaigns__november=None)
    (shell.folder / "rules/programmes/story/campaigns/november.json").unlink()
    quiet = shell("rules", "lint")

    assert (fault["code"], fault["severity"], fault["pointer"]) == ("NO_END_DATE", "warning", "/valid")
    assert quiet.code == 0
    assert quiet.err.startswith("story: 0 warning(s). No order returns more than ")


def test_a_programme_is_told_on_a_page_in_both_languages(shell):
    shell.programme()

    english, chinese = shell("rules", "describe", "story"), shell("rules", "describe", "story", "--lang", "zh-CN")

    assert english.out.startswith("# Story: points guide\n")
    assert chinese.out.startswith("# 故事积分计算指南\n")
    assert shell("rules", "describe", "rules/programmes/story").out == english.out
    assert shell("rules", "describe", "nowhere").code == 2


def test_schemas_are_printed_or_written_for_an_editor(shell):
    shell.programme()

    policy = shell("rules", "schema", "-p", "story").json
    written = shell("rules", "schema", "-p", "story", "--out", "schemas")
    unknown = shell("rules", "schema", "poem", "-p", "story")

    assert '{"enum": ["growth", "points"]}' in json.dumps(policy["$defs"]["Action"])
    assert "schemas/policy.schema.json" in written.out
    assert json.loads((shell.folder / "schemas/policy.schema.json").read_text()) == policy
    assert unknown.code == 2
    assert "programme, tiers" in unknown.err


def test_what_is_no_file_or_lies_outside_is_no_document(shell):
    shell.programme()
    earn = shell.folder / "rules/programmes/story/earn"
    (earn / "folder.json").mkdir()
    (earn / "lost.json").symlink_to("lost.json")
    (earn / "elsewhere.json").symlink_to("/etc/hostname")
    os.mkfifo(earn / "pipe.json")

    for command in ("validate", "lint", "fmt"):
        said = shell("rules", command)

        assert (said.code, "folder.json" in said.out + said.err) == (0, False)


def test_a_file_of_other_bytes_is_told_as_such(shell):
    shell.programme()
    (shell.folder / "rules/programmes/story/earn/bytes.json").write_bytes(b"\xff\x00\x01")

    said = shell("rules", "validate")

    assert said.code == 1
    assert said.out.startswith("rules/programmes/story/earn/bytes.json:1:1: NOT_UTF8")
