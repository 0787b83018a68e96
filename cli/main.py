"""`loyalty …`: the shell's door. Exit 0 is fine, 1 are findings or a refusal, 2 is a mistake in how it was called."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module, metadata
from typing import Annotated

import typer

from cli.words import Speech, answer, listen, say

FINDINGS = 1
USAGE = 2
INTERRUPTED = 130
GROUPS = ("rules", "import", "ledger", "members", "tiers", "benefits", "draws", "db", "tokens", "programme", "partners")
COMMANDS = ("demo", "serve", "worker", "explain", "schema", "settings")
# Which module holds a group or command: imported once the reader's language is known.
MODULES: Mapping[str, str] = {
    "rules": "cli.rules",
    "import": "cli.imports",
    "ledger": "cli.ledger",
    "members": "cli.members",
    "tiers": "cli.tiers",
    "benefits": "cli.benefits",
    "draws": "cli.draws",
    "db": "cli.database",
    "tokens": "cli.tokens",
    "programme": "cli.programmes",
    "partners": "cli.partners",
    "demo": "cli.demo",
    "serve": "cli.serve",
    "worker": "cli.serve",
    "explain": "cli.ledger",
    "schema": "cli.serve",
    "settings": "cli.database",
}


def main() -> None:
    """The command `loyalty`."""
    sys.exit(execute(sys.argv[1:], os.environ))


def execute(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; the exit code. What can be expected to go wrong is said in words, never as a traceback."""
    listen(argv, environ)
    try:
        build()(args=without_lang(argv), prog_name="loyalty")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FINDINGS if end.code else 0
    except (KeyboardInterrupt, BrokenPipeError):
        return INTERRUPTED
    except Exception as error:
        told = explained(error)
        if told is None:
            raise
        typer.echo(told[1], err=True)
        return told[0]
    return 0


def without_lang(argv: Sequence[str]) -> list[str]:
    """The arguments without `--lang`, which may stand anywhere and is heard already."""
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--lang":
            next(words, None)
        elif not word.startswith("--lang="):
            rest.append(word)
    return rest


def explained(error: Exception) -> tuple[int, str] | None:
    """The exit code and the words for what was to be expected; None for a defect of ours."""
    from pydantic import ValidationError

    from loyalty.refusals import Malformed, Refused, worded
    from models.errors import DatabaseError
    from rules.faults import Faulty, fault_text

    match error:
        case Malformed():
            return USAGE, worded(error.code, error.params, Speech.lang)
        case Refused():
            return FINDINGS, worded(error.code, error.params, Speech.lang)
        case Faulty():
            lines = (f"{fault.path}{fault.pointer}: {fault_text(fault, Speech.lang)}" for fault in error.faults)
            return FINDINGS, "\n".join(lines)
        case DatabaseError():
            return FINDINGS, say("database_failed", detail=error)
        case ValidationError():
            faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return USAGE, say("settings_wrong", detail=faults)
        case OSError():
            return USAGE, say("system_refused", detail=error)
    return None


def build() -> typer.Typer:
    """Every command, described in the reader's language."""
    app = typer.Typer(
        help=say("help.loyalty"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    @app.callback(invoke_without_command=True)
    def root(
        version: Annotated[bool, typer.Option("--version", help=say("help.version"), is_eager=True)] = False,
        lang: Annotated[str, typer.Option("--lang", help=say("help.lang"))] = "",
    ) -> None:
        if version:
            answer(metadata.version("perennial"))
            raise typer.Exit

    for name in GROUPS:
        app.add_typer(import_module(MODULES[name]).app, name=name)
    for name in COMMANDS:
        app.command(name, help=say(f"help.{name}"))(getattr(import_module(MODULES[name]), name))
    return app
