"""Who would move where by another ladder, before it is published."""

from typing import Annotated

import strawberry

from loyalty.ladder_previews import preview
from loyalty.rulebook import documents
from rules.faults import Faulty
from schema.needs import field, says
from schema.reader import Info
from schema.rulebook import RuleIssue, issue_of

LOOKED_MOST = 2_000  # Candidates that one question folds; `loyalty tiers preview` folds all.


@strawberry.type(description="So many members, from one level to another, or to the same.")
class LadderMove:
    """Of a preview."""

    tier_from: str = says("The level they stand on.")
    tier_to: str = says("The level they would stand on.")
    members: int = says("How many.")


@strawberry.type(description="What another ladder would do to everybody who stands on it.")
class LadderPreview:
    """Nobody is moved."""

    members: int = says("How many stand on it.")
    looked_at: int = says("How many of them could move, and were looked at one by one.")
    complete: bool = says("Whether all of those were: 2,000 at most here.")
    moves: list[LadderMove] = says("From where to where, once the change counts for everybody.", default_factory=list)
    issues: list[RuleIssue] = says("What is wrong with the document; then there are no moves.", default_factory=list)


@strawberry.type
class LadderPreviewQuery:
    """Before anything is published."""

    @field(needs="rules:read", description="Who would move where by another ladder. Saves nothing, moves nobody.")
    async def ladder_preview(
        self,
        info: Info,
        document: Annotated[str, strawberry.argument(name="source", description="The ladder, as text.")],
        path: Annotated[str, strawberry.argument(description="Its path: `tiers/` and its key.")],
    ) -> LadderPreview | None:
        """The same question and the same fold as of the change itself."""
        reader = info.context
        live = await reader.live()
        texts = await documents(reader.house.db, live.programme_id, live.newest.number)
        ladder = path.removeprefix("tiers/")
        try:
            made = {**texts, f"tiers/{ladder}": document}
            found = await preview(reader.house, live, made, ladder, reader.now, most=LOOKED_MOST)
        except Faulty as faulty:
            issues = [issue_of(fault, reader.lang()) for fault in faulty.faults]
            return LadderPreview(members=0, looked_at=0, complete=False, issues=issues)
        moves = [LadderMove(tier_from=old, tier_to=new, members=count) for (old, new), count in found.moves.items()]
        return LadderPreview(members=found.members, looked_at=found.looked_at, complete=found.complete, moves=moves)
