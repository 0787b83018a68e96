"""What the pages say can be done: commands that exist, links that lead somewhere, limits with words for them.

A command of the README is proved in one of three ways. What ends by itself is run here, word by word, on a small demo
made for it. The words of `make` are run by the gate (`.ci/run`: setup, check, test) or by whoever asks for them (demo,
serve, bench): here they must exist. What serves until it is stopped is told by the stories of the shell; here its verb
must be there. A command that fits none of the three fails.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from locales import texts
from settings import Settings
from tests.house.tree import ROOT, files

README = (ROOT / "README.md").read_text(encoding="utf-8")
LOYALTY = Path(sys.executable).with_name("loyalty")
ENDLESS = {"loyalty serve", "loyalty worker"}
RUN_BY_THE_GATE = {"make setup", "make check", "make test"}
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
CODE = re.compile(r"\b[A-Z_]{5,}\b")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.M | re.S)


def commands(tool: str) -> list[str]:
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.split(maxsplit=1)[:1] == [tool]]


def run(*words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    plain = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | settings
    return subprocess.run(
        words, cwd=ROOT, env=plain, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of a small demo, made as the README makes it."""
    file = tmp_path_factory.mktemp("demo") / "demo.db"
    settings = {"LOYALTY_DATABASE_URL": f"sqlite://{file}", "LOYALTY_SECRET": "a secret of the pages, long enough"}
    made = run(LOYALTY, "demo", "--no-serve", "--members", "8", **settings)
    assert made.returncode == 0, made.stdout + made.stderr
    return settings


def test_every_command_of_the_readme_is_of_a_kind_that_is_proved_here():
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()

    assert len(lines) >= 12
    assert [line for line in lines if line.split()[0] not in {"make", "loyalty", "curl"}] == []


@pytest.mark.parametrize("command", commands("make"))
def test_a_make_word_of_the_readme_is_listed_by_make(command):
    word = command.split()[1]

    assert re.search(rf"^  {word}\t", run("make").stdout, re.M)
    assert command not in RUN_BY_THE_GATE or f"\n{command}" in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", commands("loyalty"))
def test_a_loyalty_command_of_the_readme_works_as_printed(command, demo):
    words = shlex.split(command)[1:]
    if command in ENDLESS:
        words = [*words, "--help"]

    done = run(LOYALTY, *words, **demo)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readmes_way_to_a_database_of_ones_own_is_one(tmp_path):
    """Its verbs, word by word, on a file and the demo's folder: a server of databases is not there for a page."""
    (block,) = [block for block in blocks("text") if "loyalty db upgrade" in block]
    lines = block.replace("rules/programmes/mine", "rules/programmes/demo").splitlines()
    (tmp_path / "secret").write_text("a secret of the pages, long enough")
    settings = {
        "LOYALTY_DATABASE_URL": f"sqlite://{tmp_path / 'own.db'}",
        "LOYALTY_SECRET_FILE": f"{tmp_path / 'secret'}",
    }

    done = [run(LOYALTY, *shlex.split(line)[1:], **settings) for line in lines if line.startswith("loyalty ")]

    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    assert set(re.findall(r"export (\w+)=", block)) == set(settings)


def test_every_setting_of_the_readme_is_one():
    named = {name.removeprefix("LOYALTY_").lower() for name in re.findall(r"LOYALTY_[A-Z_]+[A-Z]", README)}

    assert sorted(named - Settings.model_fields.keys() - {"language", "test_database_url"}) == []


@pytest.mark.parametrize("command", commands("curl"))
def test_a_curl_of_the_readme_asks_what_the_schema_answers(command):
    body = json.loads(shlex.split(command)[-1])

    assert validate(printed_schema(), parse(body["query"])) == []


@pytest.mark.parametrize("document", blocks("graphql"))
def test_a_query_of_the_readme_is_valid(document):
    assert validate(printed_schema(), parse(document)) == []


def test_every_link_leads_somewhere():
    pages = [path for path in files() if path.endswith(".md")]
    links = [(page, link) for page in pages for link in LINK.findall((ROOT / page).read_text(encoding="utf-8"))]

    assert len(links) >= 8
    assert [(page, link) for page, link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_every_code_of_the_limits_has_its_words():
    rows = [line.split("|") for line in (ROOT / "docs/limits.md").read_text(encoding="utf-8").splitlines()]
    codes = {code for row in rows if len(row) > 3 for code in CODE.findall(row[3])}

    assert {"TOO_LATE", "THROTTLED"} <= codes
    assert sorted(code for code in codes if f"error.{code}" not in texts("en")) == []


def test_every_decision_is_listed():
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    pages = [path.split("/")[-1] for path in files() if re.match(r"docs/decisions/\d{4}-", path)]

    assert [page for page in pages if f"({page})" not in listed] == []


def printed_schema():
    return build_schema((ROOT / "schema/schema.graphql").read_text(encoding="utf-8"))
