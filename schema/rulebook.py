"""The rules: the vocabulary a policy can use, the version that is live in words, and the check of a document."""

import json
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from locales import text, texts
from loyalty import seen
from loyalty.rulebook import BEGINNING, documents
from rules import action_words, actions, samples, schemas, words
from rules.check import check
from rules.documents import parse
from rules.facts import Variable
from rules.faults import Fault, fault_text
from rules.lint import lint
from rules.operators import Operator
from rules.policy import Policy as Declared
from rules.rule import Definitions
from rules.ruleset import Ruleset as Compiled
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import JSON


@strawberry.type(description="Something a condition can ask of a variable.")
class RuleOperator:
    """By the variable's type."""

    name: str = says("How it is written.")
    input: str = says("What it wants: `none`, `one`, `many` or a `range`.")
    phrase: str = says("How it reads, with `{label}` and `{value}` (or `{low}` and `{high}`) to be filled.")


@strawberry.type(description="One of the values a variable can have.")
class RuleOption:
    """Where they are known: declared, or named by orders so far."""

    value: str = says("How it is written.")
    label: str = says("What it is called.")


@strawberry.type(description="A variable that conditions can name.")
class RuleVariable:
    """From the catalogue of the programme."""

    name: str = says("How it is written.")
    label: str = says("What it is called.")
    group: str = says("What it belongs with.")
    group_label: str = says("What that is called.")
    type: str = says("What sort of value it has.")
    unit: str = says("What it is counted in.")
    unit_label: str = says("What that is called; empty where there is nothing to call.")
    scale: int = says("How many decimals an amount or a number of points may have.")
    nullable: bool = says("Whether it can be unknown.")
    operators: list[RuleOperator] = says("What can be asked of it.")
    options: list[RuleOption] = says("The values it can have, or that orders have named so far.")
    closed: bool = says("Whether it can have no other values than its options.")
    example: JSON = says("A question to it, as a condition is written.")
    events: list[str] = says("The events it exists on.")


@strawberry.type(description="Something a policy can wish for.")
class RuleAction:
    """With typed parameters."""

    name: str = says("How it is written.")
    label: str = says("What it is called.")
    by_line: bool = says("Whether a policy by line can wish for it.")
    events: list[str] = says("The events it makes sense on.")
    example: JSON | None = says("It with parameters; null where the programme has nothing that could be named.")
    params_schema: JSON = says("The JSON Schema of its parameters.")


@strawberry.type(description="A kind of event that policies can be on.")
class RuleEvent:
    """Built in, or declared by the programme."""

    kind: str = says("How it is written.")
    label: str = says("What it is called.")
    when: JSON | None = says(
        "What `when` of a policy may say for it, as an example; null where the clock does not ask."
    )


@strawberry.type(description="The vocabulary of policies.")
class RuleCatalog:
    """Built in, and what the programme's documents declare."""

    variables: list[RuleVariable] = says("What conditions can name.")
    actions: list[RuleAction] = says("What policies can wish for.")
    events: list[str] = says("What policies can be on.")
    event_types: list[RuleEvent] = says("The same with what they are called.")
    policy_schema: JSON = says("The JSON Schema of a policy, with the programme's own names.")
    schemas: JSON = says("The JSON Schema of every kind of document, by kind.")


@strawberry.type(description="A policy of a version.")
class Policy:
    """Its document, and the same in words."""

    path: str = says("Its path, without `.json`: its id.")
    title: str = says("What it is called.")
    on: list[str] = says("The events it listens to.")
    priority: int = says("Who is heard first: higher numbers.")
    paused: bool = says("Whether it is paused.")
    words: str = says("What it says, in plain words made of the document itself.")
    document: JSON = says("The document.")


@strawberry.type(description="The version that is live.")
class Ruleset:
    """Published versions never change."""

    number: int = says("Its number.")
    live_from: datetime | None = says("Since when it decides; null for the beginning of time.")
    revision: int = says("The programme's revision: it rises with every publication and pause.")
    policies: list[Policy] = says("Its policies, by path.")


@strawberry.enum(description="How bad it is.")
class Severity(Enum):
    """An error forbids publication."""

    ERROR = strawberry.enum_value("ERROR", description="It cannot be published.")
    WARNING = strawberry.enum_value("WARNING", description="It can, and perhaps should not.")


@strawberry.type(description="One thing that is wrong with a document.")
class RuleIssue:
    """Where, what, and what is allowed."""

    severity: Severity = says("How bad it is.")
    code: str = says("What is wrong, for programs.")
    message: str = says("What is wrong and what is allowed, in words.")
    path: str = says("The document.")
    pointer: str = says("Where in it: a JSON pointer (RFC 6901).")


@strawberry.type
class RulebookQuery:
    """For those who write policies."""

    @field(needs="rules:read", description="The vocabulary of policies.")
    async def rule_catalog(self, info: Info) -> RuleCatalog | None:
        """Of the live version."""
        reader = info.context
        live = await reader.live()
        definitions = live.at(reader.now).ruleset.definitions
        named = await seen.options(reader.house.db, live.programme_id)
        variables = sorted(definitions.catalogue.variables.values(), key=_place)
        kinds, lang = sorted(definitions.catalogue.kinds), reader.lang()
        made = {kind: schemas.document(kind, definitions) for kind in schemas.KINDS}
        return RuleCatalog(
            variables=[variable_of(one, named.get(one.name, []), kinds, lang) for one in variables],
            actions=[action_of(name, definitions, lang) for name in sorted(actions.ACTIONS)],
            events=kinds,
            event_types=[event_of(kind, definitions, lang) for kind in kinds],
            policy_schema=JSON(made["policy"]),
            schemas=JSON(made),
        )

    @field(needs="rules:read", description="The version that is live, with its policies in words.")
    async def ruleset(self, info: Info) -> Ruleset | None:
        """At this moment."""
        reader = info.context
        live = await reader.live()
        edition = live.at(reader.now)
        texts = await documents(reader.house.db, live.programme_id, edition.number)
        policies = [
            policy_of(reader, path, edition.ruleset, path in live.paused, texts[path])
            for path in sorted(edition.ruleset.policies)
            if path in texts  # What a benefit brings by itself nobody has written.
        ]
        return Ruleset(
            number=edition.number,
            live_from=edition.live_from if edition.live_from > BEGINNING else None,
            revision=live.revision,
            policies=policies,
        )

    @field(
        needs="rules:read",
        description="What is wrong with a document, beside the others of the live version. Saves nothing.",
    )
    async def rule_check(
        self,
        info: Info,
        document: Annotated[str, strawberry.argument(name="source", description="The document, as text.")],
        path: Annotated[str, strawberry.argument(description="The path it would have, without `.json`.")],
    ) -> list[RuleIssue] | None:
        """The same code as `loyalty rules validate`."""
        reader = info.context
        live = await reader.live()
        texts = await documents(reader.house.db, live.programme_id, live.at(reader.now).number)
        return [issue_of(fault, reader.lang()) for fault in faults_of({**texts, path: document}, path)]


def faults_of(texts: dict[str, str], path: str) -> list[Fault]:
    """What is wrong with one document among the others."""
    read = {name: parse(name, text) for name, text in texts.items()}
    if read[path][1]:
        return read[path][1]
    folder = {name: parsed for name, (parsed, _) in read.items()}
    checked = check(folder)
    return [fault for fault in (*checked.faults, *lint(checked)) if fault.path == path]


def issue_of(fault: Fault, lang: str) -> RuleIssue:
    """A fault in words."""
    return RuleIssue(
        severity=Severity(fault.severity.upper()),
        code=fault.code,
        message=fault_text(fault, lang),
        path=fault.path,
        pointer=fault.pointer,
    )


def policy_of(reader: Reader, path: str, ruleset: Compiled, paused: bool, document: str) -> Policy:
    """A policy and its words."""
    declared: Declared = ruleset.policies[path]
    return Policy(
        path=path,
        title=reader.say(declared.title),
        on=list(declared.on),
        priority=declared.priority,
        paused=paused,
        words=action_words.policy(ruleset.rules[path], ruleset.definitions, reader.lang()),
        document=JSON(json.loads(document)),
    )


def event_of(kind: str, definitions: Definitions, lang: str) -> RuleEvent:
    """A kind of event, with when the clock asks, if it does."""
    example = samples.when(kind)
    label = words.event(kind, definitions, lang)
    return RuleEvent(kind=kind, label=label, when=None if example is None else JSON(example))


def variable_of(one: Variable, named: list[str], kinds: list[str], lang: str) -> RuleVariable:
    """A variable with what can be asked of it; `named` is what orders have said so far."""
    labels = one.option_labels
    return RuleVariable(
        name=one.name,
        label=one.label(lang),
        group=one.group,
        group_label=text(f"group.{one.group}", lang),
        type=one.type,
        unit=one.unit,
        unit_label=text(f"unit.{one.unit}", lang, count="").strip() if f"unit.{one.unit}" in texts(lang) else "",
        scale=one.scale,
        nullable=one.nullable,
        operators=[operator_of(one, own, lang) for own in one.kind.operators.values()],
        options=[
            RuleOption(value=value, label=labels.get(value, {}).get(lang, value)) for value in (*one.options, *named)
        ],
        closed=bool(one.options),
        example=JSON(samples.question(one)),
        events=[kind for kind in kinds if one.exists_on(kind)],
    )


def operator_of(one: Variable, own: Operator, lang: str) -> RuleOperator:
    """An operator and how it reads."""
    phrase = texts(lang)[f"rule.{words.phrase(one.type, own.name)}"]
    return RuleOperator(name=own.name, input=own.input, phrase=phrase)


def action_of(name: str, definitions: Definitions, lang: str) -> RuleAction:
    """An action with its parameters."""
    kind, example = actions.ACTIONS[name], samples.action(name, definitions)
    return RuleAction(
        name=name,
        label=text(f"action.{name}", lang),
        by_line=kind.by_line,
        events=[event for event in sorted(definitions.catalogue.kinds) if kind.allowed_on(event)],
        example=None if example is None else JSON(example),
        params_schema=JSON(actions.schema(name)),
    )


def _place(one: Variable) -> tuple[str, str]:
    return (one.group, one.name)
