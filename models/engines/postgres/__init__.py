"""The PostgreSQL engine, as Tortoise names it: `models.engines.postgres`."""

from models.engines.postgres.client import PostgresClient

client_class = PostgresClient

__all__ = ["client_class"]
