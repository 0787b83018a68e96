"""What a ladder must keep to: levels of their own names, ends and reviews that say when, a rise that can come;
and actions on standings, ladders and levels that exist.
"""

from collections.abc import Iterator

from rules import actions
from rules.check_conditions import Reader
from rules.conditions import Condition, variables
from rules.facts import Catalogue
from rules.faults import Fault, at, listed
from rules.policy import Policy
from rules.rule import Definitions, Standard
from rules.tiers import Delayed, Ladder, Review

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]
RETURNED = frozenset({"history", "points"})  # What may be less after a return.


def standard(key: str, ladder: Ladder, catalogue: Catalogue, faults: list[Fault]) -> Standard:
    """A ladder with its conditions typed."""
    path = f"tiers/{key}"
    if "/" in key:
        faults.append(Fault(path, "", "BAD_PATH", {"path": path}))
    for check in (level_faults, status_faults, review_faults, upgrade_faults, transition_faults):
        faults += [Fault(path, at(*steps), code, params) for steps, code, params in check(ladder)]
    reach = tuple(
        condition(path, level.reach, catalogue, faults, "levels", rank, "reach")
        for rank, level in enumerate(ladder.levels)
    )
    keep = tuple(
        condition(path, level.keep, catalogue, faults, "levels", rank, "keep") if level.keep else reach[rank]
        for rank, level in enumerate(ladder.levels)
    )
    when = ladder.demotion.when if ladder.demotion else None
    made = Standard(ladder, reach, keep, condition(path, when, catalogue, faults, "demotion", "when"))
    faults += [Fault(path, at(*steps), code, params) for steps, code, params in delay_faults(made)]
    return made


def condition(path: str, raw: object, catalogue: Catalogue, faults: list[Fault], *steps: str | int) -> Condition | None:
    """A definition's condition, over what is known of a member at any time."""
    if raw is None:
        return None
    reader = Reader(path, catalogue, None)
    found = reader.read(raw, *steps)
    faults += reader.faults
    return found


def level_faults(ladder: Ladder) -> Found:
    """Levels have names of their own; the lowest is where everybody stands, whatever happens."""
    seen = set()
    for rank, level in enumerate(ladder.levels):
        if level.key in seen:
            yield ("levels", rank, "key"), "NAME_TAKEN", {"name": level.key}
        seen.add(level.key)
        if (rank == 0) is not (level.reach is None):
            yield ("levels", rank), "REACH_LOWEST" if rank == 0 else "REACH_MISSING", {}
    for field in ("keep", "status"):
        if getattr(ladder.levels[0], field) is not None:
            yield ("levels", 0, field), "LOWEST_STANDS", {"field": field}


def status_faults(ladder: Ladder) -> Found:
    """A standing that ends has to go somewhere."""
    if ladder.demotion is not None:
        return
    places = [("levels", rank, "status") for rank, level in enumerate(ladder.levels) if rank and ends(level.status)]
    for steps in [*([("status",)] if ends(ladder.status) else []), *places]:
        yield steps, "STATUS_WITHOUT_DEMOTION", {}


def ends(status: object) -> bool:
    """Whether a term comes to an end."""
    return status is not None and not getattr(status, "never", None)


def review_faults(ladder: Ladder) -> Found:
    """A review falls due for everybody at once, or for each member so many months after something."""
    reviews: list[tuple[tuple[str | int, ...], Review | None]] = [(("review",), ladder.review)]
    reviews += [(("levels", rank, "review"), level.review) for rank, level in enumerate(ladder.levels)]
    for steps, review in reviews:
        if review is None:
            continue
        if (review.every is None) is (review.months is None):
            yield steps, "EXACTLY_ONE", {"allowed": "every, months"}
        elif review.months is not None and review.start is None:
            yield steps, "FIELD_MISSING", {"field": "from"}
        elif review.every is not None:
            for field, value in (("from", review.start), ("aligned", review.aligned)):
                if value is not None:
                    yield (*steps, field), "FIELD_NOT_HERE", {"field": field, "allowed": '"months"'}


def upgrade_faults(ladder: Ladder) -> Found:
    """Who rises at reviews only has to be reviewed."""
    if ladder.upgrade != "at_reviews":
        return
    for rank, level in enumerate(ladder.levels[:-1]):
        if ladder.review_of(rank) is None and ladder.status_of(rank) is None:
            yield ("upgrade",), "UPGRADE_WITHOUT_REVIEW", {"level": level.key}
            return


def transition_faults(ladder: Ladder) -> Found:
    """Stages come one after another, and in the end for everybody; what takes a change back does it at once."""
    transition = ladder.transition
    if transition is None:
        return
    stages = transition.stages
    if transition.takes_back is not None and (stages or transition.grace_until):
        yield ("transition", "takes_back"), "TAKES_BACK_ALONE", {}
    if stages and not stages[-1].everybody:
        yield ("transition", "stages", len(stages) - 1), "STAGES_UNFINISHED", {}
    levels = [level.key for level in ladder.levels]
    for number, stage in enumerate(stages):
        if number and stage.start < stages[number - 1].start:
            yield ("transition", "stages", number, "from"), "STAGES_ORDER", {}
        for place, name in enumerate(stage.levels):
            if name not in levels:
                more = {"name": name, "allowed": listed(levels)}
                yield ("transition", "stages", number, "levels", place), "LEVEL_UNKNOWN", {**more}


def delay_faults(standard: Standard) -> Found:
    """A rise that waits for returns must hang on something a return can change."""
    if not isinstance(standard.ladder.upgrade, Delayed):
        return
    read = [one for condition in standard.reach for one in variables(condition).values()]
    if read and not any(one.group in RETURNED for one in read):
        yield ("upgrade", "after"), "DELAY_FOR_NOTHING", {}


def action_faults(policy: Policy, params: actions.TierAction, definitions: Definitions) -> Found:
    """A ladder that exists, a level it has, an end that can be put off."""
    key = params.ladder or definitions.main_ladder
    if key is None:
        yield ("params",), "LADDER_NOT_SAID", {"allowed": listed(definitions.standards) or "–"}
    elif key not in definitions.standards:
        yield ("params", "ladder"), "LADDER_UNKNOWN", {"name": key, "allowed": listed(definitions.standards) or "–"}
    else:
        ladder = definitions.standards[key].ladder
        if isinstance(params, actions.MoveTier) and ladder.rank(params.to) is None:
            levels = listed(level.key for level in ladder.levels)
            yield ("params", "to"), "LEVEL_UNKNOWN", {"name": params.to, "ladder": key, "allowed": levels}
        endless = all(ladder.status_of(rank) is None for rank in range(len(ladder.levels)))
        if isinstance(params, actions.ExtendTier) and endless:
            yield ("name",), "STATUS_NONE", {"ladder": key}
