"""Who an account goes on in: what comes for one that was merged is its survivor's, however long the chain."""

from typing import Final

from loyalty.book import Book
from loyalty.events import CLOCKS, Arrival, MembersMerge
from models.members import Member

STAYS: Final = (*CLOCKS, MembersMerge)  # What is about the old account itself.


def of(book: Book, member_id: int) -> int:
    """The member that this one goes on in, as far as the book knows; itself where it was not merged."""
    seen = {member_id}
    while (row := book.get(Member, member_id)) is not None and row.merged_into is not None:
        member_id = row.merged_into
        if member_id in seen:
            raise LookupError(f"members {sorted(seen)} go on in each other")
        seen.add(member_id)
    return member_id


def follows(arrival: Arrival) -> bool:
    """Whether an arrival for a merged account is its survivor's."""
    return not isinstance(arrival, STAYS)
