"""A declaration that cannot mean what it says fails where it stands."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest

from models import table as module
from models.codec import Json
from models.table import Check, Column, Foreign, Index, Unique, changed, table, table_of
from tests.models.sample import Note, note


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test declares is forgotten after it."""
    spoken = dict(module.SPOKEN)
    yield
    module.SPOKEN.clear()
    module.SPOKEN.update(spoken)


def test_columns_follow_from_the_fields():
    assert table_of(Note).columns[7:] == (
        Column("written_at", "datetime", null=False),
        Column("answered_at", "datetime", null=True),
        Column("written_on", "date", null=False),
        Column("seal_bytes", "bytes", null=False),
        Column("facts", "json", null=False),
        Column("aside", "str", null=True),
    )


def test_laws_are_named_after_what_they_say():
    declared = declare(
        "shelves",
        key=("programme_id", "id"),
        unique=(("programme_id", "label"), Unique(("label",), name="shelves_label_open", where="width > 0")),
        checks=("width >= 0", "width < 100", "label <> ''", "width IN (1, 2)", Check("shelves_odd", "width % 2 = 1")),
        foreign=(Foreign(("programme_id", "id"), "rooms", ("programme_id", "id")),),
    )

    assert declared.key_name == "shelves_pkey"
    assert [law.name for law in declared.unique] == ["shelves_programme_id_label_key", "shelves_label_open"]
    assert [law.name for law in declared.checks] == [
        "shelves_width_at_least_0", "shelves_width_below_100", "shelves_label_not", "shelves_width_in_1_2",
        "shelves_odd",
    ]  # fmt: skip
    assert declared.foreign_name(declared.foreign[0]) == "shelves_id_fkey"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"key": ("nobody",)}, "no column nobody"),
        ({"indexes": (Index("shelves_by", ("nobody",)),)}, "no column nobody"),
        ({"checks": ("width >= 0", "width >= 0")}, "two laws of one name"),
        ({"unique": (("programme_id",), ("programme_id",))}, "two laws of one name"),
        ({"indexes": (Index("x" * 64, ("label",)),)}, "beyond 63 characters"),
        ({"partition": "label"}, "need label in the primary key"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(wrong: dict[str, Any], complaint: str):
    with pytest.raises(TypeError, match=complaint):
        declare("shelves", **{"key": ("programme_id", "id")} | wrong)


def test_a_name_means_one_sort_of_value_in_all_tables():
    @dataclass(frozen=True, slots=True)
    class Wrong:
        id: int
        written_at: str

    with pytest.raises(TypeError, match=r"wrong\.written_at is str; elsewhere it is datetime"):
        table("wrong", key=("id",))(Wrong)


def test_a_field_no_column_holds_is_refused():
    @dataclass(frozen=True, slots=True)
    class Wrong:
        id: int
        price: float

    with pytest.raises(TypeError, match=r"Wrong\.price"):
        table("wrong", key=("id",))(Wrong)


def test_a_row_built_from_values_is_a_row_like_any_other():
    row = note(1)

    built = table_of(Note).build(*table_of(Note).values(row))

    assert built == row
    assert hash(built) == hash(row)
    assert type(built) is Note
    with pytest.raises(FrozenInstanceError):
        setattr(built, "weight", 2)  # noqa: B010 - a type checker would not let us


def test_a_changed_row_is_the_same_but_for_what_was_changed():
    row = note(1)

    assert changed(row, weight=5, aside="x") == replace(row, weight=5, aside="x")
    assert row == note(1)
    with pytest.raises(AttributeError, match="colour"):
        changed(row, colour="red")


def declare(name: str, **laws: Any) -> module.Table:
    """A small table under these laws."""

    @dataclass(frozen=True, slots=True)
    class Shelf:
        programme_id: int
        id: int
        label: str
        width: int
        shelved_on: date
        checked_at: datetime | None
        notes: Json | None

    return table_of(table(name, **laws)(Shelf))
