"""`segments/<key>.json`: members one speaks of together. By a condition, by a list, or put in one by one."""

from typing import Annotated

from pydantic import Field, StringConstraints

from rules.parts import RawCondition, Strict, Text

MEMBERS_MAX = 1_000
Handle = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{20}$")]
Members = Annotated[tuple[Handle, ...], Field(min_length=1, max_length=MEMBERS_MAX)]


class Segment(Strict):
    """With `condition` whoever meets it at that moment is in; with `members` those named; else whoever was put in."""

    title: Text
    description: Text | None = None
    condition: RawCondition | None = None
    members: Members | None = None

    @property
    def static(self) -> bool:
        """Whether members are put in and taken out one by one."""
        return self.condition is None and self.members is None
