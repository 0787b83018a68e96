"""From a declaration to what creates it, for either database.

A migration holds this text frozen, so that a declaration changed later does not change what a migration did.
`python -m models.ddl sqlite lots` prints what creates a table, for whoever writes the next one.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator

import models
from models.sql import POSTGRES_TYPES, SQLITE_TYPES, Dialect, listed, quoted
from models.table import TABLES, Column, Foreign, Table

NARROW_MOST = 4  # Columns beside the key.

SEQUENCES: dict[Dialect, tuple[str, ...]] = {
    # CACHE 1, so that a number drawn later is higher; event numbers need only be unique and come in blocks of 64.
    "postgres": (
        "CREATE SEQUENCE event_sequence INCREMENT BY 64 CACHE 1",
        "CREATE SEQUENCE position_sequence CACHE 1",
    ),
    "sqlite": (
        "CREATE TABLE sequences (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "INSERT INTO sequences (name, value) VALUES ('event', 0), ('position', 0)",
    ),
}

REFUSE: dict[Dialect, tuple[str, ...]] = {
    "postgres": (
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$""",
    ),
    "sqlite": (),
}


def declared() -> list[Table]:
    """Every table declared in this package, those first that others name."""
    for module in pkgutil.iter_modules(models.__path__):
        if module.name != "ddl":
            importlib.import_module(f"models.{module.name}")
    waiting = dict(sorted(TABLES.items()))
    ordered: list[Table] = []
    while waiting:
        ready = [table for table in waiting.values() if not _named_by(table) & waiting.keys()]
        if not ready:
            raise TypeError(f"tables that name each other in a circle: {', '.join(waiting)}")
        ordered += ready
        for table in ready:
            del waiting[table.name]
    return ordered


def schema(dialect: Dialect, tables: Iterable[Table], *, partitions: int = 0) -> list[str]:
    """Everything that creates these tables, a statement each."""
    statements = [*SEQUENCES[dialect], *REFUSE[dialect]]
    for table in tables:
        statements += create(table, dialect, partitions=partitions)
    return statements


def create(table: Table, dialect: Dialect, *, partitions: int = 0) -> list[str]:
    """One table with all its laws; on PostgreSQL split into hash partitions where it may be and that is wanted."""
    inner = [*_columns(table, dialect), *_constraints(table, dialect)]
    head = f"CREATE TABLE {quoted(table.name)} (\n    " + ",\n    ".join(inner) + "\n)"
    statements = []
    if dialect == "sqlite":
        statements.append(head + (" STRICT, WITHOUT ROWID" if _narrow(table) else " STRICT"))
    elif partitions and table.partition:
        statements.append(f"{head} PARTITION BY HASH ({quoted(table.partition)})")
        statements += [_part(table, partitions, number) for number in range(partitions)]
    else:
        statements.append(head)
    return [*statements, *_indexes(table), *_triggers(table, dialect)]


def _narrow(table: Table) -> bool:
    """Whether the rows live in the primary key's own tree: little more than a key, they are one tree less to write.

    Wide rows would scatter a batch over the pages of all its members: measured, twice the time and the space.
    """
    return len(table.key) > 1 and len(table.columns) - len(table.key) <= NARROW_MOST


def _named_by(table: Table) -> set[str]:
    return {foreign.table for foreign in table.foreign} - {table.name}


def _columns(table: Table, dialect: Dialect) -> Iterator[str]:
    types = POSTGRES_TYPES if dialect == "postgres" else SQLITE_TYPES
    for column in table.columns:
        needed = "" if column.null else " NOT NULL"
        yield f"{quoted(column.name)} {types[column.kind]}{needed}{_truth(table, column, dialect)}"


def _truth(table: Table, column: Column, dialect: Dialect) -> str:
    if dialect == "postgres" or column.kind != "bool":
        return ""
    name = quoted(column.name)
    return f" CONSTRAINT {quoted(f'{table.name}_{column.name}_type')} CHECK ({name} IN (0, 1))"


def _constraints(table: Table, dialect: Dialect) -> Iterator[str]:
    yield f"CONSTRAINT {quoted(table.key_name)} PRIMARY KEY ({listed(table.key)})"
    for unique in table.unique:
        if unique.where is None:
            yield f"CONSTRAINT {quoted(unique.name)} UNIQUE ({listed(unique.columns)})"
    for check in table.checks:
        yield f"CONSTRAINT {quoted(check.name)} CHECK ({check.says})"
    for foreign in table.foreign:
        yield _foreign(table, foreign)


def _foreign(table: Table, foreign: Foreign) -> str:
    return (
        f"CONSTRAINT {quoted(table.foreign_name(foreign))} FOREIGN KEY ({listed(foreign.columns)})\n        "
        f"REFERENCES {quoted(foreign.table)} ({listed(foreign.references)}) ON UPDATE RESTRICT ON DELETE RESTRICT"
    )


def _part(table: Table, partitions: int, number: int) -> str:
    part = quoted(f"{table.name}_{number}")
    return (
        f"CREATE TABLE {part} PARTITION OF {quoted(table.name)} "
        f"FOR VALUES WITH (MODULUS {partitions}, REMAINDER {number})"
    )


def _indexes(table: Table) -> Iterator[str]:
    for unique in table.unique:
        if unique.where is not None:
            yield (
                f"CREATE UNIQUE INDEX {quoted(unique.name)} ON {quoted(table.name)} "
                f"({listed(unique.columns)}) WHERE {unique.where}"
            )
    for index in table.indexes:
        where = f" WHERE {index.where}" if index.where else ""
        yield f"CREATE INDEX {quoted(index.name)} ON {quoted(table.name)} ({listed(index.columns)}){where}"


def _triggers(table: Table, dialect: Dialect) -> Iterator[str]:
    """What is append-only is never changed and never deleted, by whatever statement; `once` columns are set once."""
    if not table.append_only:
        return
    rest = tuple(name for name in table.names if name not in table.once)
    yield _trigger(table, dialect, "change", f"UPDATE OF {listed(rest)}" if table.once else "UPDATE")
    yield _trigger(table, dialect, "delete", "DELETE")
    if dialect == "postgres":
        yield _trigger(table, dialect, "truncate", "TRUNCATE")
    if table.once:
        taken = " OR ".join(f"OLD.{quoted(name)} IS NOT NULL" for name in table.once)
        yield _trigger(table, dialect, "twice", f"UPDATE OF {listed(table.once)}", when=taken)


def _trigger(table: Table, dialect: Dialect, name: str, event: str, *, when: str = "") -> str:
    head = f"CREATE TRIGGER {quoted(f'{table.name}_no_{name}')} BEFORE {event} ON {quoted(table.name)}"
    when_row = f" FOR EACH ROW WHEN ({when})" if when else ""
    if dialect == "postgres":
        return f"{head}{when_row or ' FOR EACH STATEMENT'} EXECUTE FUNCTION refuse_change()"
    return f"{head}{when_row}\nBEGIN\n    SELECT RAISE(ABORT, '{table.name}_append_only');\nEND"


if __name__ == "__main__":
    wanted = set(sys.argv[2:])
    for table in declared():
        if table.name in wanted:
            sys.stdout.write(";\n".join(create(table, "sqlite" if sys.argv[1] == "sqlite" else "postgres")) + ";\n")
