"""What a deployment may choose: defaults that work, secrets kept secret, misspelt names named."""

import os

import pytest
from pydantic import ValidationError

import settings
from settings import Settings

SECRET = "a secret of forty characters, no less ..."


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """An environment without our variables, in a folder without an `.env`."""
    for name in list(os.environ):
        if name.startswith(settings.PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_a_deployment_that_says_nothing_is_embedded_and_private():
    silent = Settings()

    assert silent.database_url == "sqlite://perennial.db"
    assert silent.host == "127.0.0.1"
    assert silent.graphiql is False
    assert silent.secret is None


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("LOYALTY_PORT=1111\nLOYALTY_LANGUAGE=zh-CN\n", encoding="utf-8")
    monkeypatch.setenv("LOYALTY_PORT", "2222")

    chosen = Settings()

    assert chosen.port == 2222
    assert chosen.language == "zh-CN"


def test_a_secret_comes_from_a_file_without_its_line_end(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="utf-8")
    monkeypatch.setenv("LOYALTY_SECRET_FILE", str(tmp_path / "secret"))

    chosen = Settings()

    assert chosen.secret is not None
    assert chosen.secret.get_secret_value() == SECRET
    assert SECRET not in repr(chosen)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"LOYALTY_SECRET": "short-but-not-to-be-shown"}, "at least 32"),
        ({"LOYALTY_SECRET": SECRET, "LOYALTY_SECRET_FILE": "secret"}, "which one counts"),
        ({"LOYALTY_SECRET_FILE": "absent"}, "LOYALTY_SECRET_FILE cannot be read: No such file"),
        ({"LOYALTY_PORT": "65536"}, "less than or equal to 65535"),
        ({"LOYALTY_LANGUAGE": "tlh"}, "'en' or 'zh-CN'"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_without_showing_it(monkeypatch, given, complaint):
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=complaint) as refused:
        Settings()

    assert "short-but-not-to-be-shown" not in str(refused.value)
    assert SECRET not in str(refused.value)


def test_the_pages_that_may_ask_are_told_apart_by_commas(monkeypatch):
    monkeypatch.setenv("LOYALTY_ORIGINS", "https://shop.example, http://127.0.0.1:8080,")

    assert Settings().origins == ("https://shop.example", "http://127.0.0.1:8080")


@pytest.mark.parametrize("origin", ["*", "shop.example", "https://shop.example/page", "https://Shop.example", "null"])
def test_what_no_browser_calls_itself_is_no_origin(monkeypatch, origin):
    monkeypatch.setenv("LOYALTY_ORIGINS", f"https://shop.example,{origin}")

    with pytest.raises(ValidationError, match="is no origin"):
        Settings()


def test_a_misspelt_name_is_named_with_the_nearest():
    given = {"LOYALTY_DATABSE_URL": "x", "LOYALTY_PORT": "1", "LOYALTY_QQQQ": "x", "PORT": "1"}

    assert list(settings.unknown(given)) == [
        ("LOYALTY_DATABSE_URL", "LOYALTY_DATABASE_URL"),
        ("LOYALTY_QQQQ", None),
    ]


def test_the_suites_own_variable_is_no_mistake():
    assert list(settings.unknown({"LOYALTY_TEST_DATABASE_URL": "postgres://…"})) == []


def test_a_misspelt_name_in_the_file_is_named_too(tmp_path):
    (tmp_path / ".env").write_text("LOYALTY_GRAPHQL=1\n", encoding="utf-8")

    assert list(settings.unknown()) == [("LOYALTY_GRAPHQL", "LOYALTY_GRAPHIQL")]
