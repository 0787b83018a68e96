"""A change of what is said of a member, against what its programme declares: a wrong one is turned away."""

from collections.abc import Collection

from loyalty.events import MemberChanged
from loyalty.payloads import wrong_field
from loyalty.refusals import Malformed
from rules import exact
from rules.ruleset import Ruleset


def check_change(ruleset: Ruleset, arrival: MemberChanged) -> None:
    """Raise Malformed for the first attribute, segment or purpose that is not as declared."""
    declared = ruleset.programme.attributes
    given = {name: value for name, value in arrival.attributes.items() if value is not None}
    known = set(declared.schema_.properties) if declared else set()
    for name in sorted(arrival.attributes):
        _among("ATTRIBUTE_UNKNOWN", f"/attributes/{name}", name, known)
    if declared is not None and given:
        wrong = wrong_field(declared.schema_, given, exact.currency_scale(ruleset.programme.currency))
        if wrong is not None:
            raise Malformed("INVALID_ATTRIBUTE", field="/attributes" + wrong[0], detail=wrong[1])
    static = {key for key, one in ruleset.definitions.segments.items() if one.static}
    for field in ("join_segments", "leave_segments"):
        for index, name in enumerate(getattr(arrival, field)):
            _among("SEGMENT_UNKNOWN", f"/{field}/{index}", name, static)
    for purpose in sorted(arrival.consents):
        _among("CONSENT_UNKNOWN", f"/consents/{purpose}", purpose, ruleset.programme.consents)


def _among(code: str, field: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise Malformed(code, field=field, name=name, allowed=sorted(allowed))
