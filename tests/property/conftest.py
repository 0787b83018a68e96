"""How much the properties tried is said at the end of a run."""

import pytest

from tests.property.counting import COUNTED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line: what was drawn, and how much of it."""
    if COUNTED:
        told = ", ".join(f"{many} {what}" for what, many in COUNTED.most_common())
        terminalreporter.write_line(f"properties tried: {told}")
