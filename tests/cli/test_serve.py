"""A running server: answers, takes a publication without a restart, does what falls due, and stops when told."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.cli.conftest import SECRET
from tests.cli.test_rules import trebled

ORDER = """
mutation Pay($input: OrderRecordInput!) {
  orderRecord(input: $input) { receipt { state changes } userErrors { code message } }
}
"""


class Server:
    """`loyalty serve` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.before: list[str] = []
        found = None
        assert process.stderr is not None
        while found is None:
            line = process.stderr.readline()
            assert line, self.before
            self.before.append(line)
            found = re.search(r"http://[0-9.]+:\d+", line)
        self.url = found[0]

    def ask(self, token: str, query: str, **variables: Any) -> Any:
        """One GraphQL request."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        with urlopen(Request(f"{self.url}/graphql", body, headers)) as answer:
            return json.load(answer)

    def pay(self, token: str, number: str) -> dict[str, Any]:
        """An order of ¥100 by Lin, now; the points it brought."""
        order = {
            "idempotencyKey": number,
            "number": number,
            "member": {"identity": {"kind": "external", "value": "lin"}},
            "occurredAt": datetime.now(UTC).isoformat(),
            "currency": "CNY",
            "total": "100.00",
            "paid": "100.00",
        }
        answer = self.ask(token, ORDER, input=order)
        points: dict[str, Any] = answer["data"]["orderRecord"]["receipt"]["changes"]["points"]["points"]
        return points


@pytest.fixture
def server(house, database_url) -> Iterator[Server]:
    """A server on the shell's database."""
    environ = {**os.environ, "LOYALTY_DATABASE_URL": database_url, "LOYALTY_SECRET": SECRET, "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", "0", "--worker"]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_the_next_order_is_decided_by_what_was_published_meanwhile(server, house):
    token = house("tokens", "new", "service", "--json").json["token"]
    before = server.pay(token, "A1")
    house.programme(**trebled(house))

    assert house("rules", "publish", "-p", "story", "--json").json["published"]

    assert (before, server.pay(token, "A2")) == ({"pending": 100}, {"pending": 300})


def test_a_server_stops_when_it_is_told_to(server):
    server.process.send_signal(signal.SIGTERM)

    _, rest = server.process.communicate(timeout=60)

    assert server.process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in rest
