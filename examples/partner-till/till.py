"""A partner's till: checks what is shown, confirms it once, and reconciles its own journal with the month's statement.

Only the standard library. Whatever the till does it writes down before it sends it, under a key of its own; an answer
that is lost is asked for again with the same key, so that nothing is done twice. See README.md.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import uuid4

TRIES = 6
PAUSE = 0.2  # Seconds before the second try; each further pause is twice as long.
TIMEOUT = 10.0
ERRORS = "userErrors { code message }"
CHECK = """query ($shown: PartnerShown!) { partnerEligibility(shown: $shown) {
  entitled until usesLeft benefit { key title } } }"""
DO = {
    "redeem": f"""mutation ($input: PartnerCodeRedeemInput!) {{ answer: partnerCodeRedeem(input: $input) {{
      redeemed redemption {{ id cancelUntil benefit {{ key }} }} replayed {ERRORS} }} }}""",
    "undo": f"""mutation ($input: PartnerRedemptionCancelInput!) {{ answer: partnerRedemptionCancel(input: $input) {{
      redemption {{ id takenBack }} replayed {ERRORS} }} }}""",
    "buy": f"""mutation ($input: PartnerPurchaseRecordInput!) {{ answer: partnerPurchaseRecord(input: $input) {{
      purchase {{ number state memberId }} replayed {ERRORS} }} }}""",
    "call_off": f"""mutation ($input: PartnerPurchaseCancelInput!) {{ answer: partnerPurchaseCancel(input: $input) {{
      purchase {{ number state }} replayed {ERRORS} }} }}""",
}
LINES = """query ($month: String!, $after: String) { partnerSettlement(month: $month) {
  exactBalance closedAt lines(first: 100, after: $after) { hasNextPage endCursor
    nodes { id kind reference redemption } } } }"""

Send = Callable[[Request, float], bytes]


class Lost(Exception):
    """No answer came: it may have been done, or not. The journal knows the key to ask again with."""


class Turned(Exception):
    """The programme said no to the till itself: a key that is over, another address, a wrong document."""


def over_http(request: Request, timeout: float) -> bytes:
    """Send, and wait for the answer."""
    with urlopen(request, timeout=timeout) as answer:
        return bytes(answer.read())


@dataclass
class Journal:
    """What the till has done, a line of JSON each, on the disk before anything is sent."""

    path: Path

    def write(self, entry: dict[str, Any]) -> None:
        """Append a line, and wait for the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> Iterator[dict[str, Any]]:
        """Every line; the last may have been cut off by a crash, and then was never sent."""
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    continue

    def open(self) -> list[dict[str, Any]]:
        """What was meant and has no answer yet."""
        entries = list(self.entries())
        answered = {entry["key"] for entry in entries if "answer" in entry}
        return [entry for entry in entries if "input" in entry and entry["key"] not in answered]


@dataclass(frozen=True)
class Reconciled:
    """What journal and statement say of each other. `only_here` and `only_there` are to be looked into."""

    balance: str
    closed: bool
    agreed: tuple[str, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]  # Lines by id: name them in a dispute.


@dataclass
class Till:
    """One till of one partner."""

    url: str
    token: str
    journal: Journal
    send: Send = over_http
    wait: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def check(self, *, code: str | None = None, member_pass: str | None = None) -> dict[str, Any]:
        """Whether what is shown is good, and until when. Nothing is used by this."""
        shown = {"code": code} if code is not None else {"memberPass": member_pass}
        found: dict[str, Any] = self.ask(CHECK, {"shown": shown})["partnerEligibility"]
        return found

    def redeem(self, code: str) -> dict[str, Any]:
        """Use a code, once."""
        return self.do("redeem", {"code": code})

    def undo(self, redemption: str) -> dict[str, Any]:
        """Take a use back."""
        return self.do("undo", {"redemption": redemption})

    def buy(self, number: str, member_pass: str, total: str, currency: str = "CNY") -> dict[str, Any]:
        """Report a purchase that earns."""
        paid = {"number": number, "member": {"memberPass": member_pass}, "total": total, "currency": currency}
        return self.do("buy", {**paid, "occurredAt": self.now().isoformat()})

    def call_off(self, number: str) -> dict[str, Any]:
        """Cancel a purchase."""
        return self.do("call_off", {"number": number, "occurredAt": self.now().isoformat()})

    def resume(self) -> list[dict[str, Any]]:
        """After a crash or a lost answer: ask again for whatever has none, with the same keys."""
        return [self.finish(entry) for entry in self.journal.open()]

    def do(self, what: str, given: dict[str, Any]) -> dict[str, Any]:
        """Write down what is meant, then do it."""
        entry = {"key": f"till-{uuid4()}", "what": what, "input": given, "at": self.now().isoformat()}
        self.journal.write(entry)
        return self.finish(entry)

    def finish(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Do what was written down, and write down the answer."""
        given = {**entry["input"], "idempotencyKey": entry["key"]}
        answer: dict[str, Any] = self.ask(DO[entry["what"]], {"input": given})["answer"]
        self.journal.write({"key": entry["key"], "what": entry["what"], "answer": answer})
        return answer

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """One GraphQL request, again and again until there is an answer. Raises Lost or Turned."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        for again in range(TRIES):
            if again:
                self.wait(PAUSE * 2 ** (again - 1))
            try:
                answer = json.loads(self.send(Request(f"{self.url}/graphql", body, headers), TIMEOUT))
            except HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise Turned(f"HTTP {error.code}") from error
                continue
            except (URLError, OSError, ValueError):
                continue
            if errors := answer.get("errors"):
                raise Turned(errors[0]["message"])
            data: dict[str, Any] = answer["data"]
            return data
        raise Lost(f"no answer after {TRIES} tries")

    def reconcile(self, month: str) -> Reconciled:
        """Hold the journal against the month's statement."""
        balance, closed, there = self.statement(month)
        here = self.done()
        agreed = sorted(here.keys() & there.keys())
        return Reconciled(
            balance=balance,
            closed=closed,
            agreed=tuple(agreed),
            only_here=tuple(sorted(here.keys() - there.keys())),
            only_there=tuple(there[name] for name in sorted(there.keys() - here.keys())),
        )

    def statement(self, month: str) -> tuple[str, bool, dict[str, str]]:
        """The balance, whether the month is closed, and every purchase and redemption in it with its line."""
        found: dict[str, str] = {}
        after = None
        while True:
            told = self.ask(LINES, {"month": month, "after": after})["partnerSettlement"]
            for line in told["lines"]["nodes"]:
                if line["kind"] == "EARNED" and line["reference"]:
                    found[f"purchase {line['reference']}"] = line["id"]
                elif line["kind"] == "USED" and line["redemption"]:
                    found[f"redemption {line['redemption']}"] = line["id"]
            if not told["lines"]["hasNextPage"]:
                return told["exactBalance"], told["closedAt"] is not None, found
            after = told["lines"]["endCursor"]

    def done(self) -> dict[str, str]:
        """What the journal says was done: what was said yes to, by the name it has on the statement."""
        found = {}
        for entry in self.journal.entries():
            answer = entry.get("answer") or {}
            if entry["what"] == "redeem" and answer.get("redemption"):
                found[f"redemption {answer['redemption']['id']}"] = entry["key"]
            if entry["what"] == "buy" and answer.get("purchase"):
                found[f"purchase {answer['purchase']['number']}"] = entry["key"]
        return found


def main() -> int:
    """`python till.py check|redeem|undo|buy|call-off|resume|reconcile …`; the key is in PARTNER_TOKEN."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--journal", type=Path, default=Path("till.jsonl"))
    parser.add_argument("command", choices=["check", "redeem", "undo", "buy", "call-off", "resume", "reconcile"])
    parser.add_argument(
        "words", nargs="*", help="a code; of buy: number, pass, total; of call-off: number; of reconcile: 2026-11"
    )
    args = parser.parse_args()
    if not os.environ.get("PARTNER_TOKEN"):
        parser.error("PARTNER_TOKEN is not set: export the key that `loyalty tokens new partner` printed")
    till = Till(args.url, os.environ["PARTNER_TOKEN"], Journal(args.journal))
    commands: dict[str, Callable[..., Any]] = {
        "check": lambda code: till.check(code=code),
        "redeem": till.redeem,
        "undo": till.undo,
        "buy": till.buy,
        "call-off": till.call_off,
        "resume": till.resume,
        "reconcile": lambda month: vars(till.reconcile(month)),
    }
    try:
        answer = commands[args.command](*args.words)
    except (Lost, Turned) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
