"""Tables, declared once as frozen dataclasses: what is a row in Python, and what the databases promise about it.

    @table("wallets", key=("programme_id", "member_id", "id"), checks=("pending >= 0",))
    @dataclass(frozen=True, slots=True)
    class Wallet: ...

A column's name means one sort of value throughout: `due_at` is an instant in every table, or in none. So the answer to
any statement can be read by the names of its columns.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from models.codec import Json

# Of every table that belongs to members: whose rows they are, and which of them.
MEMBER = ("programme_id", "member_id")
TRIPLE = (*MEMBER, "id")
NAME_MAX = 63  # PostgreSQL cuts longer names off in silence.

Kind = Literal["int", "str", "bool", "datetime", "date", "bytes", "json"]

KINDS: dict[Any, Kind] = {
    int: "int",
    str: "str",
    bool: "bool",
    datetime: "datetime",
    date: "date",
    bytes: "bytes",
    Json: "json",
}

PLAIN: frozenset[Kind] = frozenset({"int", "str", "json"})  # Written and read as they are by both databases.


class Row(Protocol):
    """A frozen dataclass that `table` has registered."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Column:
    """One column: its name, the kind of its values, and whether it may be empty."""

    name: str
    kind: Kind
    null: bool


@dataclass(frozen=True)
class Foreign:
    """These columns name a row of another table, which therefore stays: foreign keys RESTRICT."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """A way to find rows; partial where it says so."""

    name: str
    columns: tuple[str, ...]
    where: str | None = None


@dataclass(frozen=True)
class Unique:
    """No two rows (of those that meet `where`) agree in all of these columns."""

    columns: tuple[str, ...]
    name: str = ""
    where: str | None = None


@dataclass(frozen=True)
class Check:
    """What holds of every row, by a name that errors carry."""

    name: str
    says: str


@dataclass(frozen=True, eq=False)  # There is one of each: statements are kept by table, and looked up for every batch.
class Table:
    """A declared table, and the fastest ways between its rows and plain tuples."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[Unique, ...]
    indexes: tuple[Index, ...]
    checks: tuple[Check, ...]
    foreign: tuple[Foreign, ...]
    partition: str | None  # The column it may be hash-partitioned by; none for what spans members.
    append_only: bool
    once: tuple[str, ...]  # Of an append-only table: columns that may be set once, while they are empty.
    row: type[Any]
    twin: type[Any] = field(repr=False)
    build: Callable[..., Any] = field(repr=False)
    values: Callable[[Any], tuple[Any, ...]] = field(repr=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the order of the row's fields."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def select(self) -> str:
        """The columns as they stand after SELECT, quoted: `f"SELECT {table_of(Lot).select} FROM lots WHERE …"`."""
        return ", ".join(f'"{name}"' for name in self.names)

    def select_from(self, alias: str) -> str:
        """The columns of a table that the statement calls `alias`."""
        return ", ".join(f'{alias}."{name}"' for name in self.names)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def key_name(self) -> str:
        """What the primary key is called in errors."""
        return f"{self.name}_pkey"

    def unique_name(self, columns: tuple[str, ...]) -> str:
        """What the primary key or unique constraint over these columns is called."""
        if columns == self.key:
            return self.key_name
        named = (unique.name for unique in self.unique if unique.columns == columns)
        return next(named, "_".join((self.name, *columns, "key")))

    def foreign_name(self, foreign: Foreign) -> str:
        """What a foreign key is called: after the column that sets it apart, the last."""
        return f"{self.name}_{foreign.columns[-1]}_fkey"


TABLES: dict[str, Table] = {}  # Those of this package: what is migrated.
SPOKEN: dict[str, Kind] = {}  # What a column's name stands for, in every table.
_OF_ROW: dict[type[Any], Table] = {}
_BY_NAME: dict[str, Table] = {}


def table(
    name: str,
    *,
    key: tuple[str, ...],
    unique: Sequence[tuple[str, ...] | Unique] = (),
    indexes: Sequence[Index] = (),
    checks: Sequence[str | Check] = (),
    foreign: Sequence[Foreign] = (),
    partition: str | None = None,
    append_only: bool = False,
    once: tuple[str, ...] = (),
) -> Callable[[type[R]], type[R]]:
    """Declare the table that a frozen dataclass is a row of."""

    def register(row: type[R]) -> type[R]:
        columns = tuple(_columns_of(row))
        twin = _twin_of(row, columns)
        declared = Table(
            name=name,
            columns=columns,
            key=key,
            unique=tuple(_unique(name, each) for each in unique),
            indexes=tuple(indexes),
            checks=tuple(_check(name, each) for each in checks),
            foreign=tuple(foreign),
            partition=partition,
            append_only=append_only,
            once=once,
            row=row,
            twin=twin,
            build=_builder(row, twin),
            values=attrgetter(*(column.name for column in columns)),
        )
        _prove(declared)
        if row.__module__.startswith("models."):
            TABLES[name] = declared
        _BY_NAME[name] = declared
        _OF_ROW[row] = declared
        return row

    return register


def table_of(row: type[Row]) -> Table:
    """The table that a class is a row of."""
    return _OF_ROW[row]


def table_named(name: str) -> Table | None:
    """The declared table of that name."""
    return _BY_NAME.get(name)


def changed(row: R, **changes: Any) -> R:
    """The same row with other values: `dataclasses.replace` for rows, two to three times as fast."""
    declared = _OF_ROW[type(row)]
    made = declared.twin(*declared.values(row))
    for name, value in changes.items():
        setattr(made, name, value)  # AttributeError where there is no such column.
    made.__class__ = declared.row
    return made  # type: ignore[no-any-return]


def _columns_of(row: type[Row]) -> Iterator[Column]:
    hints = get_type_hints(row)
    for each in dataclasses.fields(row):
        hint, null = _optional(hints[each.name])
        if hint not in KINDS:
            raise TypeError(f"{row.__name__}.{each.name}: no column holds {hint!r}")
        yield Column(each.name, KINDS[hint], null)


def _optional(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in {UnionType, Union}:
        return hint, False
    kinds = [each for each in get_args(hint) if each is not NoneType]
    return (kinds[0] if len(kinds) == 1 else hint), True


def _twin_of(row: type[Row], columns: Sequence[Column]) -> type[Any]:
    """A class with the same slots as a row's, and no frost.

    A frozen dataclass sets each field through object.__setattr__; its twin assigns plainly, six times as fast, and the
    finished object then takes the frozen class. A batch makes and reads thousands of rows.
    """
    return dataclasses.make_dataclass(f"_{row.__name__}", [(column.name, Any) for column in columns], slots=True)


def _builder(row: type[R], twin: type[Any]) -> Callable[..., R]:
    def build(*values: Any, **named: Any) -> R:
        made = twin(*values, **named)
        made.__class__ = row
        return made  # type: ignore[no-any-return]

    return build


def _unique(name: str, declared: tuple[str, ...] | Unique) -> Unique:
    if not isinstance(declared, Unique):
        declared = Unique(declared)
    return dataclasses.replace(declared, name=declared.name or "_".join((name, *declared.columns, "key")))


_SIGNS = ((">=", " at_least "), ("<=", " at_most "), ("<>", " not "), (">", " above "), ("<", " below "), ("=", " is "))


def _check(name: str, declared: str | Check) -> Check:
    """A check is named after what it says: `pending >= 0` of wallets is wallets_pending_at_least_0."""
    if isinstance(declared, Check):
        return declared
    words = declared
    for sign, word in _SIGNS:
        words = words.replace(sign, word)
    words = "_".join([name, *re.findall(r"\w+", words.lower())])
    if len(words) > NAME_MAX:
        words = words[:NAME_MAX].rpartition("_")[0]
    return Check(words, declared)


def _prove(declared: Table) -> None:
    """A declaration that cannot mean what it says fails where it stands, not in a migration."""
    names = set(declared.names)
    spoken: Iterable[str] = (
        *declared.key,
        *(column for unique in declared.unique for column in unique.columns),
        *(column for index in declared.indexes for column in index.columns),
        *(column for foreign in declared.foreign for column in foreign.columns),
        *declared.once,
    )
    if unknown := set(spoken) - names:
        raise TypeError(f"{declared.name} has no column {', '.join(sorted(unknown))}")
    laws = [
        declared.key_name,
        *(unique.name for unique in declared.unique),
        *(index.name for index in declared.indexes),
        *(check.name for check in declared.checks),
        *(declared.foreign_name(foreign) for foreign in declared.foreign),
    ]
    if twice := {law for law in laws if laws.count(law) > 1}:
        raise TypeError(f"{declared.name}: two laws of one name: {', '.join(sorted(twice))}")
    if long := [law for law in laws if len(law) > NAME_MAX]:
        raise TypeError(f"{declared.name}: names beyond {NAME_MAX} characters: {', '.join(long)}")
    if declared.partition and declared.partition not in declared.key:
        raise TypeError(f"{declared.name}: hash partitions need {declared.partition} in the primary key")
    for column in declared.columns:
        elsewhere = SPOKEN.setdefault(column.name, column.kind)
        if column.kind != elsewhere and {column.kind, elsewhere} - PLAIN:
            raise TypeError(f"{declared.name}.{column.name} is {column.kind}; elsewhere it is {elsewhere}")
