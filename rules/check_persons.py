"""What is declared about persons: profiles, purposes and cards name what exists, and each thing once."""

from collections.abc import Iterator, Mapping

from rules.faults import Fault, at, listed, shown
from rules.profiles import BUILT_IN
from rules.programme import Programme
from rules.tiers import Ladder

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def faults(document: Programme) -> Found:
    """The faults of `programme.json` by itself."""
    yield from _profile(document)
    for purpose, own in document.purposes.items():
        if purpose not in document.consents:
            yield ("purposes", purpose), "CONSENT_UNKNOWN", _among(purpose, document.consents)
        for index, channel in enumerate(own.channels):
            if own.channels.index(channel) != index:
                yield ("purposes", purpose, "channels", index), "NAME_TAKEN", {"name": channel}


def cards(document: Programme, ladders: Mapping[str, Ladder]) -> Iterator[Fault]:
    """The levels a card speaks of are those of the main ladder."""
    own = ladders.get(document.ladder or "")
    known = [level.key for level in own.levels] if own else []
    for tier in document.card.levels if document.card else ():
        if tier not in known:
            yield Fault(
                "programme",
                at("card", "levels", tier),
                "LEVEL_UNKNOWN",
                {**_among(tier, known), "ladder": document.ladder or "–"},
            )


def _profile(document: Programme) -> Found:
    """Each name stands for one thing: a field, a day or a preference; a built-in field is declared as itself."""
    if document.profile is None:
        return
    seen: set[str] = set()
    for part in ("fields", "dates", "preferences"):
        for name in getattr(document.profile, part):
            if name in seen or (part != "fields" and name in BUILT_IN):
                yield ("profile", part, name), "NAME_TAKEN", {"name": name}
            seen.add(name)
    for name, own in document.profile.preferences.items():
        if own.most is not None and own.most > len(own.options):
            yield ("profile", "preferences", name, "most"), "OUT_OF_RANGE", {"allowed": f"≤ {len(own.options)}"}


def _among(name: str, allowed: object) -> dict[str, str | int]:
    return {"name": shown(name), "allowed": listed(allowed)}  # type: ignore[arg-type]
