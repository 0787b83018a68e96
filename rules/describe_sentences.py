"""A policy as a member is told it: when, if, what one gets; nothing of groups, priorities or what the house notes."""

from collections.abc import Iterator

import locales
from rules import action_words, actions, moment_words, words
from rules.audience_words import audience
from rules.conditions import All, Condition, Leaf
from rules.describe_words import Page, clean, guide
from rules.rule import Rule
from rules.window_words import window

# What goes without saying, because the heading says it.
SILENT = frozenset({"order.paid", "points.redeem", "member.enrol_wanted"})
# What only the house sees.
HOUSE = frozenset(
    {"freeze_wallet", "raise_alert", "add_tag", "remove_tag", "join_segment", "leave_segment", "send_message"}
)
CHANGED = "tier.changed"


def sentence(own: Page, rule: Rule) -> str:
    """The whole of it, with a capital and a full stop."""
    level, asked = reached(own, rule)
    within = [*window(rule.policy.valid, own.lang), *audience(rule, own.definitions, own.lang)]
    when = [*whens(own, rule, level), *within]
    done = words.say("semicolon", own.lang).join(gets(own, rule))
    parts = {"when": words.joined(when, own.lang), "actions": done}
    if asked is not None:
        parts["condition"] = words.condition(asked, own.definitions, own.lang)
    code = ("when" if when else "") + ("_if" if asked is not None else "") + ("_line" if rule.by_line else "")
    text = guide(f"sentence{'_' if when else ''}{code}", own.lang, **parts)
    limits = words.limits(rule.policy.limits, own.definitions, own.lang)
    if limits:
        text = words.say("within", own.lang, sentence=text, limits=words.say("semicolon", own.lang).join(limits))
    return guide("stop", own.lang, text=clean(text[:1].upper() + text[1:]))


def whens(own: Page, rule: Rule, level: str | None) -> Iterator[str]:
    """On which occasions, where the heading does not say."""
    if (moment := rule.policy.moment) is not None:
        yield guide("on_moment", own.lang, when=moment_words.moment(moment, own.definitions, own.lang))
        return
    for kind in rule.policy.on:
        if kind == CHANGED and level is not None:
            yield guide("on_reaching", own.lang, level=level)
        elif kind not in SILENT:
            code = f"on_{kind}"
            if f"guide.{code}" in locales.texts("en"):
                yield guide(code, own.lang)
            elif kind in own.definitions.programme.event_types:
                title = own.definitions.programme.event_types[kind].title.say(own.lang)
                yield guide("on_custom", own.lang, title=title)
            else:
                yield words.event(kind, own.definitions, own.lang)


def gets(own: Page, rule: Rule) -> Iterator[str]:
    """What one gets, or is told."""
    for params in rule.actions:
        if isinstance(params, actions.Enrolment):
            yield guide("joined", own.lang)
        elif isinstance(params, actions.Refusal):
            yield words.quoted(params.text.say(own.lang), own.lang)
        elif params.name not in HOUSE:
            yield action_words.action(params, rule, own.definitions, own.lang)


def reached(own: Page, rule: Rule) -> tuple[str | None, Condition | None]:
    """The level whose reaching a policy rewards, and what it asks besides."""
    asked = rule.asked
    parts = asked.parts if isinstance(asked, All) else (asked,) if isinstance(asked, Leaf) else ()
    equal = {one.variable.name: one.value for one in parts if isinstance(one, Leaf) and one.operator.name == "equal_to"}
    if CHANGED not in rule.policy.on or "tier_to" not in equal or equal.get("tier_direction", "up") != "up":
        return None, asked
    told = {"tier_to", "tier_direction", "tier_ladder"}
    rest = tuple(one for one in parts if not (isinstance(one, Leaf) and one.variable.name in told & equal.keys()))
    levels = [one for key, standard in own.definitions.standards.items() for one in standard.ladder.levels
              if equal.get("tier_ladder", key) == key]  # fmt: skip
    title = next((one.title.say(own.lang) for one in levels if one.key == equal["tier_to"]), str(equal["tier_to"]))
    return title, (All(rest) if rest else None)
