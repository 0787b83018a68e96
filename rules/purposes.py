"""What members are asked to consent to: each purpose with its channels, and the notice they are shown, by version."""

from typing import Annotated

from pydantic import Field, StringConstraints

from rules.parts import Key, Strict, Text

Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]


class Notice(Strict):
    """What a person reads before saying yes; its version changes whenever its words do."""

    key: Key
    version: Version
    text: Text


class ConsentPurpose(Strict):
    """What something is done for. Without channels there is one answer for all of it."""

    title: Text
    channels: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    notice: Notice | None = None
