"""The partner's till of the examples, against a live server: what it does once, and what when answers are lost."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from tests.cli.conftest import SECRET, Shell
from tests.cli.test_serve import ORDER, Server
from tests.loyalty.brands import CHANGES, SOFA

PLACE = Path(__file__).resolve().parents[2] / "examples" / "partner-till" / "till.py"
UPDATE = """mutation ($input: MemberUpdateInput!) { memberUpdate(input: $input) { userErrors { code } } }"""
CODES = '{ me { partnerPass(partner: "sofa") entitlements { nodes { code benefit { key } } } } }'


def example() -> Any:
    """The till, as a module of its own."""
    spec = importlib.util.spec_from_file_location("partner_till", PLACE)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["partner_till"] = made
    spec.loader.exec_module(made)
    return made


tills = example()


@pytest.fixture
def server(shell: Shell, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A live server on a programme of two partners."""
    monkeypatch.setenv("LOYALTY_DATABASE_URL", database_url)
    monkeypatch.setenv("LOYALTY_SECRET", SECRET)
    shell.programme(**(CHANGES | {"partners__sofa": SOFA | {"cancel_window": {"days": 1}}}))
    assert shell("programme", "create", "story").code == 0
    environ = {**os.environ, "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", "0", "--no-worker"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture
def shown(shell: Shell, server: Server) -> dict[str, str]:
    """What Lin, who bought a fridge and consents, can show: a code and a pass."""
    service = shell("tokens", "new", "service", "--shops", "main").out.strip()
    fridge = {"sku": "fridge", "quantity": 1, "amount": "3000.00", "category": "appliance"}
    order = {
        "idempotencyKey": "o1", "number": "o1", "member": {"identity": {"kind": "external", "value": "lin"}},
        "occurredAt": datetime.now(UTC).isoformat(), "currency": "CNY", "total": "3000.00", "lines": [fridge],
    }  # fmt: skip
    assert not server.ask(service, ORDER, input=order)["data"]["orderRecord"]["userErrors"]
    lin = shell("tokens", "new", "member", "--member", "external:lin").out.strip()
    given = {"idempotencyKey": "c1", "occurredAt": datetime.now(UTC).isoformat(), "consents": {"partner_sharing": True}}
    assert not server.ask(lin, UPDATE, input=given)["data"]["memberUpdate"]["userErrors"]
    me = server.ask(lin, CODES)["data"]["me"]
    (code,) = [one["code"] for one in me["entitlements"]["nodes"] if one["benefit"]["key"] == "sofa-coupon"]
    return {"code": code, "pass": me["partnerPass"]}


@pytest.fixture
def token(shell: Shell, server: Server) -> str:
    """The sofa shop's key, good from this machine alone."""
    return shell("tokens", "new", "partner", "--partner", "sofa", "--from", "127.0.0.0/8").out.strip()


def till(server: Server, token: str, folder: Path, **more: Any) -> Any:
    return tills.Till(server.url, token, tills.Journal(folder / "till.jsonl"), wait=lambda _seconds: None, **more)


class Rude:
    """A line that loses so many answers, after the programme has heard."""

    def __init__(self, lost: int) -> None:
        self.lost, self.heard = lost, 0

    def __call__(self, request: Any, timeout: float) -> bytes:
        self.heard += 1
        answer: bytes = tills.over_http(request, timeout)
        if self.heard <= self.lost:
            raise URLError("cut off")
        return answer


def test_a_till_checks_confirms_and_reconciles(
    server: Server, token: str, shown: dict[str, str], tmp_path: Path
) -> None:
    own = till(server, token, tmp_path)

    found = own.check(code=shown["code"])
    used = own.redeem(shown["code"])
    again = own.redeem(shown["code"])
    bought = own.buy("s-1", shown["pass"], "120.00")

    assert (found["entitled"], found["benefit"]["key"]) == (True, "sofa-coupon")
    assert (used["redeemed"], [one["code"] for one in again["userErrors"]]) == (True, ["CODE_USED"])
    assert bought["purchase"]["state"] == "recorded"
    told = own.reconcile(month_of(server, token))
    assert set(told.agreed) == {"purchase s-1", f"redemption {used['redemption']['id']}"}
    assert (told.only_here, told.only_there, told.closed) == ((), (), False)
    # 80.00 for the coupon, less 240 points at 0.01: the fridge made Lin gold, who earns double.
    assert told.balance == "77.60"


def test_a_lost_answer_is_asked_for_again_and_nothing_is_done_twice(
    server: Server, token: str, shown: dict[str, str], tmp_path: Path
) -> None:
    line = Rude(lost=2)
    own = till(server, token, tmp_path, send=line)

    used = own.redeem(shown["code"])

    assert (used["redeemed"], used["replayed"], line.heard) == (True, True, 3)


def test_a_till_that_died_goes_on_where_it_was(
    server: Server, token: str, shown: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(tills.Lost):
        till(server, token, tmp_path, send=Rude(lost=99)).redeem(shown["code"])
    journal = tmp_path / "till.jsonl"
    journal.write_text(journal.read_text(encoding="utf-8") + '{"key": "half', encoding="utf-8")
    journal.write_text(journal.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    reborn = till(server, token, tmp_path)
    (answer,) = reborn.resume()

    assert (answer["redeemed"], answer["replayed"]) == (True, True)
    assert reborn.resume() == []
    assert len(reborn.reconcile(month_of(server, token)).agreed) == 1


def test_what_another_till_did_shows_in_the_statement_alone(
    server: Server, token: str, shown: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    till(server, token, tmp_path / "other").buy("s-9", shown["pass"], "10.00")
    own = till(server, token, tmp_path)
    own.journal.write({"key": "forged", "what": "buy", "answer": {"purchase": {"number": "s-0"}}})

    told = own.reconcile(month_of(server, token))

    assert (told.agreed, told.only_here, len(told.only_there)) == ((), ("purchase s-0",), 1)


def test_taking_back_and_wrong_keys(server: Server, token: str, shown: dict[str, str], tmp_path: Path) -> None:
    own = till(server, token, tmp_path)
    used = own.redeem(shown["code"])
    own.buy("s-1", shown["pass"], "10.00")

    back = own.undo(used["redemption"]["id"])
    off = own.call_off("s-1")

    assert (back["redemption"]["takenBack"], off["purchase"]["state"]) == (True, "cancelled")
    assert own.check(code=shown["code"])["entitled"] is True
    with pytest.raises(tills.Turned, match="HTTP 401"):
        till(server, "lk_wrong_key", tmp_path).check(code=shown["code"])


def test_the_command_line_answers_in_json(server: Server, token: str, shown: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, str(PLACE), "--url", server.url, "--journal", str(tmp_path / "j.jsonl")]
    environ = {**os.environ, "PARTNER_TOKEN": token}

    said = subprocess.run([*command, "check", shown["code"]], env=environ, capture_output=True, text=True, check=True)

    assert json.loads(said.stdout)["entitled"] is True


def test_a_till_without_a_key_says_how_to_get_one(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PARTNER_TOKEN"}
    command = [sys.executable, str(PLACE), "--journal", str(tmp_path / "j.jsonl"), "resume"]

    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout) == (2, "")
    assert "loyalty tokens new partner" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "j.jsonl").exists()


def month_of(server: Server, token: str) -> str:
    """The programme's month: it may be tomorrow there already."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
