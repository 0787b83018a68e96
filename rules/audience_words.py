"""For whom a policy is, in plain words; and why a member was left out by lot."""

from rules import exact
from rules.audience import Audience, Pilot
from rules.conditions import All, Condition, Leaf
from rules.rule import Definitions, Rule
from rules.words import condition, joined, say


def audience(rule: Rule, definitions: Definitions, lang: str) -> list[str]:
    """For whom a policy is, as one clause."""
    own = rule.policy.audience
    if own is None:
        return []
    parts = [clause(leaf, definitions, lang) for leaf in leaves(rule.audience)]
    if own.pilot is not None:
        parts.append(pilot(own.pilot, lang))
    return [say("audience", lang, parts=say("and", lang).join(parts))]


def leaves(found: Condition | None) -> tuple[Condition, ...]:
    """The parts of an audience."""
    return found.parts if isinstance(found, All) else ()


def clause(leaf: Condition, definitions: Definitions, lang: str) -> str:
    """One part. A list of members is said by its length."""
    if isinstance(leaf, Leaf) and leaf.variable.name == "member_handle" and isinstance(leaf.value, frozenset):
        return say("audience_members", lang, count=len(leaf.value))
    return condition(leaf, definitions, lang)


def pilot(own: Pilot, lang: str) -> str:
    """The share it is tried with, and the one that is kept out."""
    parts = [say("pilot", lang, percent=exact.plain(own.percent), salt=own.salt)]
    if own.control is not None:
        parts.append(say("control", lang, percent=exact.plain(own.control)))
    return joined(parts, lang)


def unmet(own: Audience, side: str, lot: str, lang: str) -> str:
    """Why the lot kept a member out, with the lot that was drawn."""
    share = own.pilot.control if own.pilot and side == "control" else own.pilot.percent if own.pilot else None
    drawn = exact.text(int(lot), 2) if lot else "–"
    return say(f"because_{side}", lang, percent=exact.plain(share) if share is not None else "–", lot=drawn)
