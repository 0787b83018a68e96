"""What may differ from one deployment to the next, from `LOYALTY_…` variables; read at the doors alone."""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "LOYALTY_"
ENV_FILE = ".env"
SECRET_MIN = 32
# Read by the test suite and by nothing that serves: known, so that nobody is warned of it.
TEST_NAMES = frozenset({"LOYALTY_TEST_DATABASE_URL", "LOYALTY_TEST_FULL"})

# Scheme and host as a browser says them: no path, and no `*`, which would be everybody.
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")

Port = Annotated[int, Field(ge=0, le=65535)]
DemoMembers = Annotated[int, Field(ge=1, le=9999)]
PoolSize = Annotated[int, Field(ge=2, le=100)]
Secret = Annotated[SecretStr, Field(min_length=SECRET_MIN)]


class Settings(BaseSettings):
    """One deployment's choices: the environment wins over `.env`, which wins over the defaults here."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: str = Field("sqlite://perennial.db", description="Where the books are: sqlite://FILE or postgres://…")
    pool_max: PoolSize = Field(10, description="Connections a process keeps to PostgreSQL, at most.")
    durability: Literal["require", "warn"] = Field(
        "require",
        description="Whether to start on a database that may lose what was acknowledged: no, or with a warning.",
    )
    secret: Secret | None = Field(None, description="Signs member tokens and seals ids: 32 characters or more.")
    secret_file: Path | None = Field(None, description="A file that holds the secret, instead of the secret itself.")
    graphiql: bool = Field(False, description="Serve the query explorer at /graphiql.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: Port = Field(8000, description="The port to listen on; 0 takes a free one.")
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Web pages that may ask from a browser: their origins, with commas between them."
    )
    demo_members: DemoMembers = Field(320, description="How many members `loyalty demo` begins with.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the log says.")
    language: Literal["en", "zh-CN"] = Field("en", description="The language of the command line.")

    @field_validator("origins", mode="before")
    @classmethod
    def _split_origins(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        found = tuple(one.strip() for one in given.split(",") if one.strip())
        wrong = [one for one in found if not ORIGIN.fullmatch(one)]
        if wrong:
            raise ValueError(f"{wrong[0]} is no origin: write it as https://shop.example, in small letters, no path")
        return found

    @model_validator(mode="before")
    @classmethod
    def _read_secret_file(cls, given: dict[str, Any]) -> dict[str, Any]:
        path = given.get("secret_file")
        if path is None:
            return given
        if given.get("secret") is not None:
            raise ValueError("LOYALTY_SECRET and LOYALTY_SECRET_FILE are both set: which one counts?")
        try:
            return {**given, "secret": Path(path).read_text(encoding="utf-8").strip()}
        except OSError as error:
            raise ValueError(f"LOYALTY_SECRET_FILE cannot be read: {error.strerror}") from error


def unknown(environ: Mapping[str, str | None] | None = None) -> Iterator[tuple[str, str | None]]:
    """Each `LOYALTY_…` variable that is no setting, with the nearest name that is one, if any is near."""
    given = {**dotenv_values(ENV_FILE), **os.environ} if environ is None else environ
    for name in sorted(given):
        field = name.upper().removeprefix(PREFIX).lower()
        if not name.upper().startswith(PREFIX) or name.upper() in TEST_NAMES or field in Settings.model_fields:
            continue
        near = get_close_matches(field, sorted(Settings.model_fields), n=1)
        yield name, PREFIX + near[0].upper() if near else None
