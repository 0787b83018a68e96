"""The parameters of what says something of a member: tags, segments, and an alert about it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from rules.params import Params
from rules.parts import Key, Name, Text, written

Tag = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(written)]
Severity = Literal["info", "warning", "critical"]


class AddTag(Params):
    """Put a tag on the member."""

    name = "add_tag"
    tag: Tag


class RemoveTag(Params):
    """Take a tag off the member."""

    name = "remove_tag"
    tag: Tag


class JoinSegment(Params):
    """Put the member into a segment that has neither condition nor list."""

    name = "join_segment"
    segment: Key


class LeaveSegment(Params):
    """Take the member out of a segment that has neither condition nor list."""

    name = "leave_segment"
    segment: Key


class FreezeWallet(Params):
    """Let nothing be spent from a wallet until staff lets it again."""

    name = "freeze_wallet"
    wallet: Name | None = None


class RaiseAlert(Params):
    """Tell whoever watches over the programme."""

    name = "raise_alert"
    severity: Severity
    text: Text
