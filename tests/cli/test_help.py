"""The shell speaks to people in their language, and to pipes without colour."""

import os
import subprocess
import sys

import pytest

from locales import text
from loyalty.access import ROLES
from rules.schemas import KINDS

COMMAND = [sys.executable, "-c", "from cli.main import main; main()"]


def run(*argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LOYALTY_", "LC_", "LANG"))}
    return subprocess.run([*COMMAND, *argv], env=plain | environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("group", ["", "rules", "import", "ledger", "tiers", "draws", "db", "tokens", "programme"])
def test_help_is_there_in_both_languages(group):
    words = [group] if group else []
    english, chinese = run(*words, "--help"), run(*words, "--help", LANG="zh_CN.UTF-8")

    assert (english.returncode, chinese.returncode) == (0, 0)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese.stdout.replace("常青", ""))
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in english.stdout.replace("常青", ""))
    assert "\x1b" not in english.stdout


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_help_names_every_role_and_every_kind_of_document(lang):
    roles, kinds = (text(f"cli.help.{name}", lang) for name in ("role", "schema_kind"))

    assert [name for name in ROLES if name not in roles] == []
    assert [name for name in KINDS if name not in kinds] == []


def test_a_language_that_is_asked_for_wins_over_the_environment():
    assert "会员" in run("--lang", "zh-CN", "--help", LANG="en_US.UTF-8").stdout
    assert "会员" not in run("--lang=en", "--help", LANG="zh_CN.UTF-8").stdout


def test_a_command_that_is_none_is_a_mistake_of_usage():
    said = run("dance")

    assert said.returncode == 2
    assert "dance" in said.stderr
    assert "Traceback" not in said.stderr


def test_without_a_command_the_help_is_shown():
    assert "rules" in run().stdout + run().stderr


def test_the_version_is_one_line():
    said = run("--version")

    assert (said.returncode, len(said.stdout.splitlines())) == (0, 1)
