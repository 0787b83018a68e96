"""The log: one JSON object a line, with what was named and never with what an exception says."""

import json
import logging
from contextlib import contextmanager

from api.logs import configure


@contextmanager
def configured():
    """Logging as it is served, and as it was again afterwards."""
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    before = root.handlers[:], root.level, access.disabled
    configure("info")
    yield
    root.handlers[:], root.level, access.disabled = before


def lines(capsys):
    """What has been logged, line by line."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_exceptions_type_and_place_are_logged_and_never_its_text(capsys):
    with configured():
        try:
            raise ValueError("phone 13800138000")
        except ValueError:
            logging.getLogger("loyalty.intake").exception(
                "event failed", extra={"error_id": "e1", "kind": "order.paid"}
            )

    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["error_id"], line["type"]) == (
        "event failed",
        "error",
        "e1",
        "ValueError",
    )
    assert line["at"][-1].endswith("test_an_exceptions_type_and_place_are_logged_and_never_its_text")
    assert "13800138000" not in json.dumps(line)


def test_fields_that_nobody_named_are_left_out(capsys):
    with configured():
        logging.getLogger("somebody").warning("hello", extra={"phone": "13800138000", "code": "X"})

    (line,) = lines(capsys)
    assert (line["code"], "phone" in line) == ("X", False)
