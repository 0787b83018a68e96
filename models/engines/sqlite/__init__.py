"""The SQLite engine, as Tortoise names it: `models.engines.sqlite`."""

from models.engines.sqlite.client import SqliteClient

client_class = SqliteClient

__all__ = ["client_class"]
