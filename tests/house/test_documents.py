"""What the pages say can be done: commands that exist, links that lead somewhere, limits with words for them.

Every command of the README is run. What ends by itself is run here, word by word, on a small demo made for it; what
serves until it is stopped, here too, until it has answered; `make bench` in a small shop, by `test_benchmarks.py`; and
the words of `make` that this very test is a part of (setup, check, test) by the gate, `.ci/run`. One that fits none of
these fails.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest
from graphql import build_schema, parse, validate

from locales import texts
from seeds.people import STAR
from settings import Settings
from tests.house.tree import ROOT, files

README = (ROOT / "README.md").read_text(encoding="utf-8")
LOYALTY = Path(sys.executable).with_name("loyalty")
ENDLESS = {"make demo", "loyalty serve", "loyalty worker"}
RUN_BY_THE_GATE = {"make setup", "make check", "make test"}
RUN_ELSEWHERE = {"make bench"}  # By test_benchmarks.py.
READY_SECONDS = 90  # Everything is far quicker; a machine that is busy with the rest of the suite may not be.
MAKE = ("make", "-o", ".venv/.made")  # The environment is the gate's to make: here it is, or nothing would run.
SERVED = r"(http://[0-9.]+:\d+)(?!/graphiql)\b"
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


class Running:
    """A process that is listened to, so that it never waits for a reader."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._heard: Queue[str] = Queue()
        self.listener = Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._heard.put(line)
        self._heard.put("")  # The end.

    def hears(self, pattern: str) -> str:
        """The first thing said that matches; waits for it, but not for ever."""
        ends = time.monotonic() + READY_SECONDS
        while (found := re.search(pattern, self.said)) is None:
            line = self._heard.get(timeout=max(ends - time.monotonic(), 0.01))
            assert line, f"it ended, and had said: {self.said}"
            self.said += line
        return found[1]


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
    assert command in ENDLESS | RUN_BY_THE_GATE | RUN_ELSEWHERE
    assert command not in RUN_BY_THE_GATE or f"\n{command}" in (ROOT / ".ci/run").read_text(encoding="utf-8")


@contextmanager
def started(*words: str | Path, **settings: str) -> Iterator[Running]:
    """A command that goes on until it is ended: with all that it started, which is a group of its own."""
    plain = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | settings
    process = subprocess.Popen(
        words, cwd=ROOT, env=plain, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    running = Running(process)
    try:
        yield running
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=READY_SECONDS)
        running.listener.join(timeout=READY_SECONDS)


def ask(url: str, token: str, query: str) -> Any:
    body = json.dumps({"query": query}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    with urlopen(Request(f"{url}/graphql", body, headers), timeout=READY_SECONDS) as answer:
        return json.load(answer)


def balance_of_a_member(url: str, token: str) -> int:
    """What the README's own curl asks."""
    (command,) = commands("curl")
    query = json.loads(shlex.split(command)[-1])["query"]
    return int(ask(url, token, query)["data"]["me"]["points"]["available"])


def test_make_demo_makes_one_serves_it_and_prints_tokens_that_open_it(tmp_path):
    settings = {
        "LOYALTY_DATABASE_URL": f"sqlite://{tmp_path / 'demo.db'}",
        "LOYALTY_SECRET": "a secret of the pages, long enough",
        "LOYALTY_DEMO_MEMBERS": "4",
        "LOYALTY_PORT": "0",
    }

    with started(*MAKE, "demo", **settings) as running:
        url = running.hears(SERVED)
        token = running.hears(r"export MEMBER=(\S+)")
        running.hears(r"export MARKETER=(\S+)")
        running.hears(r"export PARTNER=(\S+)")

        assert balance_of_a_member(url, token) >= 0
        with urlopen(f"{url}/graphiql", timeout=READY_SECONDS) as page:
            assert page.status == 200


@pytest.mark.parametrize("words", [(*MAKE, "serve"), (LOYALTY, "serve")], ids=["make serve", "loyalty serve"])
def test_a_server_of_the_readme_answers_on_the_port_it_names(words, demo):
    made = run(LOYALTY, "tokens", "new", "member", "--member", STAR, "--json", **demo)
    assert made.returncode == 0, made.stderr

    with started(*words, **demo, LOYALTY_PORT="0") as running:
        url = running.hears(SERVED)

        assert balance_of_a_member(url, json.loads(made.stdout)["token"]) >= 0


def test_the_worker_of_the_readme_does_what_is_due(demo):
    before, ends = last_job(demo), time.monotonic() + READY_SECONDS

    with started(LOYALTY, "worker", **demo) as running:
        running.hears(r"(Ctrl\+C)")
        while last_job(demo) == before:
            assert time.monotonic() < ends, running.said


def last_job(demo: dict[str, str]) -> str:
    """When a job was done last, as the shell tells it."""
    told = run(LOYALTY, "db", "status", "--json", **demo)
    return max(str(job["done_at"]) for job in json.loads(told.stdout)["jobs"])


@pytest.mark.parametrize("command", [one for one in commands("loyalty") if one not in ENDLESS])
def test_a_loyalty_command_of_the_readme_works_as_printed(command, demo):
    words = shlex.split(command)[1:]

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
