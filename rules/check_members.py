"""What is declared about members: segments that hang on nothing but the member, attributes that make variables."""

from collections.abc import Iterator, Mapping

from rules.check_conditions import Reader
from rules.conditions import Condition, variables
from rules.facts import PERSONAL, Catalogue
from rules.faults import Fault, at, listed, shown
from rules.programme import Programme
from rules.rule import Standard
from rules.segments import Segment

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def segments(found: Mapping[str, Segment], catalogue: Catalogue) -> tuple[dict[str, Condition | None], list[Fault]]:
    """The conditions of segments that have one, and what is wrong with any of them."""
    faults: list[Fault] = []
    typed: dict[str, Condition | None] = {}
    for key, segment in found.items():
        path = f"segments/{key}"
        faults += [Fault(path, at(*steps), code, more) for steps, code, more in segment_faults(key, segment)]
        if segment.condition is not None:
            reader = Reader(path, catalogue, None)
            typed[key] = reader.read(segment.condition, "condition")
            faults += reader.faults
            if "member_segments" in variables(typed[key]):
                faults.append(Fault(path, "/condition", "SEGMENT_CYCLE", {"name": "member_segments"}))
    return typed, faults


def personal(standards: Mapping[str, Standard], members_of: Mapping[str, Condition | None]) -> Iterator[Fault]:
    """Ladders that hang on birthday or age, by themselves or by a segment: they could not be told again without it."""
    of_segments = {name for one in members_of.values() for name in variables(one)}
    for key, standard in standards.items():
        asked = {name for one in standard.conditions for name in variables(one)}
        asked |= of_segments if "member_segments" in asked else set()
        for name in sorted(asked.intersection(PERSONAL)):
            yield Fault(f"tiers/{key}", "/levels", "LADDER_PERSONAL", {"name": name})


def segment_faults(key: str, segment: Segment) -> Found:
    """A key that can be named, and one way to be in it."""
    if "/" in key:
        yield (), "BAD_PATH", {"path": f"segments/{key}"}
    if segment.condition is not None and segment.members is not None:
        yield ("members",), "FIELD_NOT_HERE", {"field": "members", "allowed": "title, description"}
    for index, one in enumerate(segment.members or ()):
        if segment.members and segment.members.index(one) != index:
            yield ("members", index), "NAME_TAKEN", {"name": one}


def attributes(document: Programme) -> Found:
    """Attributes are each there or not: none is required, and each label is of one."""
    own = document.attributes
    if own is not None:
        declared = own.schema_.properties
        for index, _ in enumerate(own.schema_.required):
            yield ("attributes", "schema", "required", index), "ATTRIBUTE_REQUIRED", {}
        for label in own.labels:
            if label not in declared:
                more: dict[str, str | int] = {"field": shown(label), "allowed": listed(declared)}
                yield ("attributes", "labels", label), "FIELD_UNKNOWN", more
    for index, purpose in enumerate(document.consents):
        if document.consents.index(purpose) != index:
            yield ("consents", index), "NAME_TAKEN", {"name": purpose}
