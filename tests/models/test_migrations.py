"""Migrations stand in one line, each on the one before: two that were written at once cannot both be the next."""

from importlib import import_module

from tests.models.lineage import MIGRATIONS


def test_each_migration_stands_on_the_one_before():
    stands_on = [import_module(f"models.migrations.{name}").Migration.dependencies for name in MIGRATIONS]

    assert stands_on == [[], *([("models", name)] for name in MIGRATIONS[:-1])]


def test_their_numbers_are_consecutive():
    assert [int(name.split("_")[0]) for name in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
