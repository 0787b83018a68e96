"""A folder of documents, checked as a whole: every fault, or everything typed and ready to compile.

`Checked.rules` is the only way from a document to the compiler and to the library: what is not in there was refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from typing import Any, TypeVar

from rules import (
    check_benefits,
    check_definitions,
    check_occasions,
    check_partners,
    check_policy,
    documents,
    envelope,
    examples,
    stories,
)
from rules.benefits import Benefit
from rules.check_occasions import Occasions
from rules.draws import Draw
from rules.facts import catalogue_of
from rules.faults import Fault, at, fault_text, listed, shown
from rules.gatherings import Gathering
from rules.partners import Partner
from rules.parts import Text
from rules.policy import Policy
from rules.polls import Poll
from rules.programme import Programme
from rules.rule import Definitions, Rule
from rules.segments import Segment
from rules.stories import Stories
from rules.tiers import Ladder

PROGRAMME = "programme"
POLICY_FOLDERS = ("enrol", "earn", "redeem", "campaigns")
FAULTS_MAX = 100
STORIES = "stories"
DEFINITION_FOLDERS = ("tiers", "benefits", "segments", "partners", "gatherings", "draws", "polls")
Definition = TypeVar("Definition", Ladder, Benefit, Segment, Partner, Gathering, Draw, Poll, Stories)
Folder = Mapping[str, Any]

__all__ = ["Checked", "check", "check_folder", "fault_text"]


@dataclass
class Checked:
    """What came out of checking: the faults, and what is typed where there are none."""

    faults: list[Fault] = field(default_factory=list)
    definitions: Definitions | None = None
    policies: dict[str, Policy] = field(default_factory=dict)
    brought: dict[str, Policy] = field(default_factory=dict)  # By benefits: nobody has written them.
    rules: dict[str, Rule] = field(default_factory=dict)
    stories: dict[str, Stories] = field(default_factory=dict)

    @property
    def faulty(self) -> bool:
        """Whether anything forbids its use; warnings do not."""
        return any(fault.severity == "error" for fault in self.faults)


def check_folder(folder: Folder) -> list[Fault]:
    """Everything that is wrong with a programme's documents, by document and place."""
    return check(folder).faults


def check(folder: Folder) -> Checked:
    """Check a programme's documents (path without `.json` → parsed JSON) against the language and one another."""
    checked = Checked()
    sound = guarded(folder, checked)
    programme = read_programme(sound, folder, checked)
    ladders = read_definitions("tiers", Ladder, sound, checked)
    benefits = read_definitions("benefits", Benefit, sound, checked)
    segments = read_definitions("segments", Segment, sound, checked)
    partners = read_definitions("partners", Partner, sound, checked)
    occasions = Occasions(
        read_definitions("gatherings", Gathering, sound, checked),
        read_definitions("draws", Draw, sound, checked),
        read_definitions("polls", Poll, sound, checked),
    )
    definitions_stand = programme is not None and not checked.faulty
    for path in sorted(sound):
        read_policy(path, sound[path], checked)
    # Against definitions that are wrong themselves, every policy would look wrong: first things first.
    if programme is not None and definitions_stand:
        checked.definitions = define(programme, ladders, benefits, segments, partners, occasions.titles, checked)
        checked.definitions, wrong = check_occasions.define(checked.definitions, occasions)
        checked.faults += wrong
        if not any(fault.path.split("/")[0] in (PROGRAMME, *DEFINITION_FOLDERS) for fault in checked.faults):
            broken = {path: one for path, one in sound.items() if is_policy(path) and path not in checked.policies}
            check_benefits_own(checked.definitions, checked)
            check_rules(checked.definitions, broken, checked)
            check_stories(checked.definitions, sound, checked)
    checked.faults = first_of_each(sorted(checked.faults, key=lambda fault: (fault.path, fault.pointer, fault.code)))
    return checked


def first_of_each(faults: list[Fault]) -> list[Fault]:
    """The first FAULTS_MAX of each document: whoever mends them will look again."""
    return [fault for _, found in groupby(faults, lambda fault: fault.path) for fault in islice(found, FAULTS_MAX)]


def guarded(folder: Folder, checked: Checked) -> dict[str, Mapping[str, Any]]:
    """The documents that are sound JSON under a name that can be an id."""
    sound = {}
    for path, document in folder.items():
        faults = documents.guard(path, document)
        first, _, rest = path.partition("/")
        if not faults and path != PROGRAMME and not (rest and first in (*POLICY_FOLDERS, *DEFINITION_FOLDERS, STORIES)):
            allowed = listed((PROGRAMME, *(f"{name}/…" for name in (*DEFINITION_FOLDERS, *POLICY_FOLDERS, STORIES))))
            faults = [Fault(path, "", "FOLDER_UNKNOWN", {"path": shown(path), "allowed": allowed})]
        checked.faults += faults
        if not faults:
            sound[path] = document
    return sound


def read_programme(sound: Folder, folder: Folder, checked: Checked) -> Programme | None:
    """`programme.json` and what it says about itself."""
    if PROGRAMME not in folder:
        checked.faults.append(Fault(PROGRAMME, "", "PROGRAMME_MISSING"))
    if PROGRAMME not in sound:
        return None
    programme, faults = envelope.read(Programme, sound[PROGRAMME], PROGRAMME)
    if programme is not None:
        faults = [
            Fault(PROGRAMME, at(*steps), code, more) for steps, code, more in check_definitions.programme(programme)
        ]
    checked.faults += faults
    return None if faults else programme


def read_definitions(folder: str, model: type[Definition], sound: Folder, checked: Checked) -> dict[str, Definition]:
    """Every definition of one folder, by its key."""
    found = {}
    for path, document in sound.items():
        if path.startswith(f"{folder}/"):
            definition, faults = envelope.read(model, document, path)
            checked.faults += faults
            if definition is not None:
                found[path.removeprefix(f"{folder}/")] = definition
    return found


def is_policy(path: str) -> bool:
    """Whether a document is a policy by where it stands."""
    return path.split("/", maxsplit=1)[0] in POLICY_FOLDERS


def read_policy(path: str, document: Mapping[str, Any], checked: Checked) -> None:
    """The envelope of one policy."""
    if path.split("/", maxsplit=1)[0] in POLICY_FOLDERS:
        policy, faults = envelope.read(Policy, document, path)
        checked.faults += faults
        if policy is not None:
            checked.policies[path] = policy


def define(
    programme: Programme,
    ladders: Mapping[str, Ladder],
    benefits: Mapping[str, Benefit],
    segments: Mapping[str, Segment],
    partners: Mapping[str, Partner],
    taken_part: Mapping[str, Mapping[str, Text]],
    checked: Checked,
) -> Definitions:
    """The definitions together: the catalogue they make, and their own conditions against it."""
    titles = {key: benefit.title for key, benefit in benefits.items()}
    named = {key: segment.title for key, segment in segments.items()}
    brands = {key: partner.title for key, partner in partners.items()}
    catalogue = catalogue_of(programme, ladders, titles, named, brands, taken_part)
    definitions, faults = check_definitions.define(programme, ladders, benefits, catalogue, segments)
    checked.faults += [*faults, *check_partners.faults(programme, partners, benefits)]
    return replace(definitions, partners=partners)


def check_benefits_own(definitions: Definitions, checked: Checked) -> None:
    """The policies that benefits bring with them: a price, a factor."""
    own, faults = check_benefits.rules(definitions)
    checked.faults += [*faults, *check_benefits.by_policy(definitions.benefits, checked.policies)]
    checked.rules |= own
    checked.brought = {path: rule.policy for path, rule in own.items()}


def check_rules(definitions: Definitions, broken: Folder, checked: Checked) -> None:
    """Every policy against the definitions, then against one another, then against its own examples."""
    for path, document in broken.items():
        checked.faults += check_policy.fragments(path, document, definitions)
    for path, policy in checked.policies.items():
        rule, faults = check_policy.read(path, policy, definitions)
        if rule is not None:
            faults += examples.check(rule, definitions)
            checked.rules[path] = rule
        checked.faults += faults
    checked.faults += check_policy.groups(checked.rules)


def check_stories(definitions: Definitions, sound: Folder, checked: Checked) -> None:
    """The worked examples: their form, and that they name what there is. Whether they are true is for `rehearse`."""
    names = {
        "wallet": set(definitions.programme.wallets),
        "ladder": set(definitions.standards),
        "benefit": set(definitions.benefits),
    }
    for key, document in read_definitions(STORIES, Stories, sound, checked).items():
        path = f"{STORIES}/{key}"
        found = stories.faults(document, names)
        checked.faults += [Fault(path, at(*steps), code, more) for steps, code, more in found]
        checked.stories[path] = document
