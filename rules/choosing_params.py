"""A benefit chosen for each member, by something that is known of it: what it prefers, its level, an attribute."""

from typing import Annotated

from pydantic import Field, StringConstraints

from rules.params import Params
from rules.parts import Key, Name, Strict

Value = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Choice(Strict):
    """What is given to whom has this value."""

    value: Value
    benefit: Key


class IssueByChoice(Params):
    """Give the benefit of the first row that fits: `by` is that value, or has it among others."""

    name = "issue_benefit_by_choice"
    by: Name
    choices: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=50)]
    otherwise: Key | None = None
    count: Annotated[int, Field(ge=1, le=100)] = 1

    @property
    def benefits(self) -> tuple[str, ...]:
        """All that may be given."""
        return (*(one.benefit for one in self.choices), *([] if self.otherwise is None else [self.otherwise]))
