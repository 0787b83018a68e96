"""What the command line says and how it shows it: in the reader's language, plain when it is piped."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from locales import language, text

PIPED_WIDTH = 160
VARIABLES = ("LOYALTY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Speech:
    """The language everything is said in: one for the whole run of a command."""

    lang = "en"


def listen(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    """Find the reader's language: `--lang` wins over the environment."""
    wanted = [environ.get(name) for name in VARIABLES]
    for place, word in enumerate(argv):
        if word.startswith("--lang="):
            wanted.insert(0, word.partition("=")[2])
        elif word == "--lang":
            wanted.insert(0, next(iter(argv[place + 1 :]), None))
    Speech.lang = language(*wanted)


def say(code: str, **params: object) -> str:
    """A text of the command line."""
    return text(f"cli.{code}", Speech.lang, **params)


def tell(code: str, **params: object) -> None:
    """Say something on the side: it never mixes with what a command answers."""
    typer.echo(say(code, **params), err=True)


def answer(line: str = "") -> None:
    """One line of what was asked for."""
    typer.echo(line)


def as_json(value: Any) -> None:
    """What was asked for, for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table; its columns are texts of the command line."""
    made = Table(*(say(f"column.{column}") for column in columns), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*("–" if cell is None else str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False).print(made)


@contextmanager
def progress(code: str) -> Iterator[Any]:
    """A progress bar on a terminal, nothing elsewhere; hands out a callback (done, total)."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(say(code), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
