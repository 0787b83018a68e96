"""What differs between two programmes in the words of their policies: "earn 2 → 3 points for every ¥1"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

import locales
from rules import action_words, audience_words, moment_words, window_words, words
from rules.check import Checked, check
from rules.differences import Difference
from rules.parts import LANGUAGES
from rules.rule import Definitions, Rule

# Figures stay whole, and so do words of letters; of other scripts each sign stands by itself.
TOKENS = re.compile(r"[0-9][0-9.,:/-]*[0-9]|[A-Za-z0-9]+|\s+|.", re.DOTALL)
RUN_MAX = 24  # Tokens that may differ in one place before a sentence is better told twice.


def told(
    before: Mapping[str, Any], after: Mapping[str, Any], found: Sequence[Difference], lang: str
) -> dict[str, list[str]]:
    """For each document that differs, what that means; fields alone speak for what cannot be read as a programme."""
    sides = (check(before), check(after))
    return {one.path: list(lines(one, *sides, before, after, lang)) for one in found}


def lines(
    found: Difference, one: Checked, other: Checked, before: Mapping[str, Any], after: Mapping[str, Any], lang: str
) -> Iterator[str]:
    """A document that came or went is told whole, one that stayed by what it says otherwise."""
    if found.kind == "changed":
        yield from changed(found.path, one, other, lang)
        return
    side, texts = (other, after) if found.kind == "added" else (one, before)
    rule = side.rules.get(found.path)
    if rule is not None and side.definitions is not None:
        title = rule.policy.title.say(lang)
        text = action_words.policy(rule, side.definitions, lang)
        yield words.say("posting", lang, title=title, text=text)
    elif isinstance(title := texts[found.path].get("title"), Mapping):
        yield str(title.get(lang) or title.get(LANGUAGES[0]) or "")


def changed(path: str, one: Checked, other: Checked, lang: str) -> Iterator[str]:
    """A policy by its parts, each as it was and as it is."""
    if path not in one.rules or path not in other.rules or one.definitions is None or other.definitions is None:
        return
    was, now = (parts(side.rules[path], side.definitions, lang) for side in (one, other) if side.definitions)
    for name in was:
        for old, new in pairs(was[name], now[name]):
            nothing = words.say("nothing", lang)
            text = merged(old or nothing, new or nothing)
            yield locales.text("rule.diff_part", lang, part=locales.text(f"rule.diff_{name}", lang), text=text)


def parts(rule: Rule, definitions: Definitions, lang: str) -> dict[str, list[str]]:
    """What a policy says, by part, clause by clause."""
    own = rule.policy
    within = [*window_words.window(own.valid, lang), *audience_words.audience(rule, definitions, lang)]
    return {
        "title": [own.title.say(lang)],
        "on": moment_words.asked(own, definitions, lang),
        "valid": within,
        "conditions": [words.condition(rule.asked, definitions, lang)],
        "actions": [action_words.action(one, rule, definitions, lang) for one in rule.actions],
        "limits": words.limits(own.limits, definitions, lang),
        "stacking": words.stacking(own.stacking, lang),
        "priority": [str(own.priority)],
    }


def pairs(was: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """The clauses that are not the same on both sides: one for another, or one that came or went."""
    for tag, start, end, begin, until in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from zip_longest(was[start:end], now[begin:until])


def merged(was: str, now: str) -> str:
    """One sentence for two that differ in one place, "earn 2 → 3 points"; both where they differ more."""
    one, other = TOKENS.findall(was), TOKENS.findall(now)
    head = shared(one, other)
    tail = shared(one[head:][::-1], other[head:][::-1])
    old, new = one[head : len(one) - tail], other[head : len(other) - tail]
    if not old or not new or max(len(old), len(new)) > RUN_MAX or not head + tail:
        return f"{was} → {now}"
    return "".join((*one[:head], *old, " → ", *new, *one[len(one) - tail :]))


def shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first are the same."""
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
                min(len(one), len(other)))  # fmt: skip
