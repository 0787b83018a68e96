"""What is done with a benefit that a member has."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CodeVerify:
    """A till shows a code: is it good, and (with `use`) it is used now, under the sub-limit `part` names."""

    kind: ClassVar[str] = "code.verify"
    key: str
    code: str
    use: bool = False
    part: str | None = None
