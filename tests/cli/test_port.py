"""A port that is taken is said in words, with what to do."""

import socket

import pytest
import typer

from cli.serve import listener
from settings import Settings


def test_a_port_that_is_taken_is_a_mistake_of_usage():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(typer.BadParameter) as told:
            listener(Settings().model_copy(update={"host": "127.0.0.1", "port": port}))

    assert str(port) in str(told.value)
    assert told.value.param_hint == "--port"
