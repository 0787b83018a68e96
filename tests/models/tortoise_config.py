"""Our engines, named as anybody who uses Tortoise would name them."""

from typing import Any
from urllib.parse import urlsplit

from models.sql import Dialect


def config(url: str, dialect: Dialect) -> dict[str, Any]:
    """What Tortoise is initialised with, for the models of `sample`."""
    parts = urlsplit(url)
    credentials: dict[str, Any] = {"file_path": parts.path}
    if dialect == "postgres":
        credentials = {
            "host": parts.hostname, "port": parts.port or 5432, "user": parts.username, "password": parts.password,
            "database": parts.path[1:], "maxsize": 2,
        }  # fmt: skip
    return {
        "connections": {"default": {"engine": f"models.engines.{dialect}", "credentials": credentials}},
        "apps": {"sample": {"models": ["tests.models.sample"], "default_connection": "default"}},
    }
