"""Bringing a database to the present: Tortoise's migrations, all of them in one transaction, one process at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.operations import Operation
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

from models.engines.postgres.client import PostgresClient
from models.engines.sqlite.client import SqliteClient
from models.errors import DatabaseError

APP = "models"
APPS: dict[str, dict[str, Any]] = {APP: {"models": [], "migrations": "models.migrations"}}
MIGRATION_LOCK = 7_300_001  # PostgreSQL's advisory lock for whoever migrates.

Progress = Callable[[str], object]


class DialectSQL(Operation):
    """Statements for each database, run one by one and never split: triggers and functions arrive whole."""

    reversible = False

    def __init__(self, *, sqlite: Sequence[str], postgres: Sequence[str]) -> None:
        self.statements = {"sqlite": sqlite, "postgres": postgres}

    async def run(
        self, app_label: str, state: State, dry_run: bool, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """What Tortoise calls when it replays a migration outside a plan."""
        if not dry_run:
            await self.database_forward(app_label, state, state, state_editor)

    def state_forward(self, app_label: str, state: State) -> None:
        """Nothing: Tortoise keeps no models of these tables."""

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Run the statements of this database."""
        if state_editor is None:
            return
        for statement in self.statements[state_editor.client.capabilities.dialect]:
            if state_editor.collect_sql:
                state_editor.collected_sql.append(statement)
            else:
                await state_editor.client.execute_query(statement)


async def migrate(client: SqliteClient | PostgresClient, progress: Progress | None = None) -> list[str]:
    """Apply what has not been applied; the names of what has been now.

    One transaction holds the tables and the note that they are there: a crash leaves both or neither. A second process
    waits for the first and then finds nothing to do.
    """
    applied: list[str] = []

    def report(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            applied.append(name)
        elif progress is not None:
            progress(name)

    async with TortoiseContext(), client.transaction(patient=True) as inside:
        if isinstance(client, PostgresClient):
            await inside.execute_query(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        executor = MigrationExecutor(inside, APPS)
        # Tortoise reads the list of migrations before it makes sure there is one, and takes any error for "none".
        await executor.recorder.ensure_schema(_editor(inside))
        await executor.migrate(direction="forward", progress=report)
        if applied and isinstance(client, SqliteClient):
            await _prove_foreign_keys(inside)
    return applied


async def _prove_foreign_keys(inside: TransactionalDBClient) -> None:
    """SQLite looks at foreign keys when a row is written, not when a table is made anew: nobody must be left alone."""
    _, lost = await inside.execute_query("PRAGMA foreign_key_check")
    if lost:
        raise DatabaseError(f"rows that name nobody, the first in {lost[0]['table']}: nothing has been migrated")


def _editor(client: TransactionalDBClient) -> BaseSchemaEditor:
    editor = {"sqlite": SqliteSchemaEditor, "postgres": AsyncpgSchemaEditor}[client.capabilities.dialect]
    return editor(client, atomic=False)
