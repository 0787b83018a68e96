"""The rules: the vocabulary a policy can use, the version that is live in words, and the check of a document."""

import json
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from loyalty.rulebook import BEGINNING, documents
from rules import action_words, actions
from rules.check import check_folder
from rules.documents import parse
from rules.facts import Variable
from rules.faults import Fault, fault_text
from rules.policy import Policy as Declared
from rules.ruleset import Ruleset as Compiled
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import JSON


@strawberry.type(description="Something a condition can ask of a variable.")
class RuleOperator:
    """By the variable's type."""

    name: str = says("How it is written.")
    input: str = says("What it wants: `none`, `one`, `many` or a `range`.")


@strawberry.type(description="One of the values a variable can have.")
class RuleOption:
    """Where they are known."""

    value: str = says("How it is written.")
    label: str = says("What it is called.")


@strawberry.type(description="A variable that conditions can name.")
class RuleVariable:
    """From the catalogue of the programme."""

    name: str = says("How it is written.")
    label: str = says("What it is called.")
    group: str = says("What it belongs with.")
    type: str = says("What sort of value it has.")
    unit: str = says("What it is counted in.")
    nullable: bool = says("Whether it can be unknown.")
    operators: list[RuleOperator] = says("What can be asked of it.")
    options: list[RuleOption] = says("The values it can have, where they are known.")
    events: list[str] = says("The events it exists on.")


@strawberry.type(description="Something a policy can wish for.")
class RuleAction:
    """With typed parameters."""

    name: str = says("How it is written.")
    events: list[str] = says("The events it makes sense on.")
    params_schema: JSON = says("The JSON Schema of its parameters.")


@strawberry.type(description="The vocabulary of policies.")
class RuleCatalog:
    """Built in, and what the programme's documents declare."""

    variables: list[RuleVariable] = says("What conditions can name.")
    actions: list[RuleAction] = says("What policies can wish for.")
    events: list[str] = says("What policies can be on.")
    policy_schema: JSON = says("The JSON Schema of a policy's envelope.")


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
        catalogue = (await reader.live()).at(reader.now).ruleset.definitions.catalogue
        kinds = sorted(catalogue.kinds)
        lang = reader.lang()
        return RuleCatalog(
            variables=[variable_of(one, kinds, lang) for one in sorted(catalogue.variables.values(), key=_place)],
            actions=[action_of(name, kinds) for name in sorted(actions.ACTIONS)],
            events=kinds,
            policy_schema=JSON(Declared.model_json_schema(by_alias=True)),
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
    return [fault for fault in check_folder(folder) if fault.path == path]


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


def variable_of(one: Variable, kinds: list[str], lang: str) -> RuleVariable:
    """A variable with what can be asked of it."""
    labels = one.option_labels
    return RuleVariable(
        name=one.name,
        label=one.label(lang),
        group=one.group,
        type=one.type,
        unit=one.unit,
        nullable=one.nullable,
        operators=[RuleOperator(name=own.name, input=own.input) for own in one.kind.operators.values()],
        options=[RuleOption(value=value, label=labels.get(value, {}).get(lang, value)) for value in one.options],
        events=[kind for kind in kinds if one.exists_on(kind)],
    )


def action_of(name: str, kinds: list[str]) -> RuleAction:
    """An action with its parameters."""
    allowed = [kind for kind in kinds if actions.ACTIONS[name].allowed_on(kind)]
    return RuleAction(name=name, events=allowed, params_schema=JSON(actions.schema(name)))


def _place(one: Variable) -> tuple[str, str]:
    return (one.group, one.name)
