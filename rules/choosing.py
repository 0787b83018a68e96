"""Which benefit is a member's, of several: checked, chosen, and put into words."""

from collections.abc import Iterator
from typing import Any

from rules.choosing_params import IssueByChoice
from rules.effects import IssueBenefit
from rules.faults import known, listed
from rules.policy import Policy
from rules.pricing_words import benefit
from rules.rule import Definitions, Rule
from rules.scene import Scene
from rules.words import quoted, say

TYPES = ("set", "choice", "text", "tier")
Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def choose(scene: Scene, rule: Rule, params: IssueByChoice) -> IssueBenefit | None:
    """The benefit of the first row that fits, or what there is otherwise."""
    found: Any = scene.facts[params.by]
    values = found if isinstance(found, tuple) else () if found is None else (found,)
    key = next((one.benefit for one in params.choices if one.value in values), params.otherwise)
    return None if key is None else IssueBenefit(rule.path, key, params.count)


def faults(policy: Policy, params: IssueByChoice, definitions: Definitions) -> Found:
    """What is chosen by exists on every event, its values are some that it can have, and so are the benefits."""
    variables = definitions.catalogue.variables
    fit = sorted(
        one.name
        for one in variables.values()
        if one.type in TYPES and one.group != "line" and all(one.exists_on(kind) for kind in policy.on)
    )
    variable = variables.get(params.by)
    if variable is None or params.by not in fit:
        yield ("params", "by"), "VARIABLE_UNKNOWN", {"name": params.by, "allowed": known(fit)}
        return
    seen: set[str] = set()
    for index, one in enumerate(params.choices):
        if variable.options and one.value not in variable.options:
            yield ("params", "choices", index, "value"), "VALUE_OPTION", {"allowed": listed(variable.options)}
        if one.value in seen:
            yield ("params", "choices", index, "value"), "NAME_TAKEN", {"name": one.value}
        if one.benefit not in definitions.benefits:
            more: dict[str, str | int] = {"name": one.benefit, "allowed": listed(definitions.benefits)}
            yield ("params", "choices", index, "benefit"), "BENEFIT_UNKNOWN", more
        seen.add(one.value)
    if params.otherwise is not None and params.otherwise not in definitions.benefits:
        more = {"name": params.otherwise, "allowed": listed(definitions.benefits)}
        yield ("params", "otherwise"), "BENEFIT_UNKNOWN", more


def words(params: IssueByChoice, definitions: Definitions, lang: str) -> str:
    """Who is given what."""
    variable = definitions.catalogue.variables[params.by]
    rows = [
        say("choose_row", lang, value=label(variable.option_labels, one.value, lang),
            benefit=benefit(one.benefit, definitions, lang))
        for one in params.choices
    ]  # fmt: skip
    if params.otherwise is not None:
        rows.append(say("choose_otherwise", lang, benefit=benefit(params.otherwise, definitions, lang)))
    return say("choose", lang, label=variable.label(lang), rows=say("comma", lang).join(rows), count=params.count)


def label(labels: Any, value: str, lang: str) -> str:
    """What a person calls a value."""
    return str(labels[value].get(lang, value)) if value in labels else quoted(value, lang)
