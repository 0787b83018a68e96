"""Every broken document there is told what is wrong with it: in both languages, in its place, in no time.

And whatever a mutation leaves sound can be compiled, decided, explained, warned of and described.
"""

import json
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import locales
from rules import action_words, describe, files, schemas, telling
from rules.check import check
from rules.compile import compile_checked
from rules.explain import stories
from rules.faults import fault_text
from rules.lint import lint
from rules.parts import LANGUAGES
from tests.rules.faulty import DEFINED, POLICIES, changed
from tests.rules.lab import decided, earned, earns, facts, faults, folder, lab, multiplies, policy, rates

CORPUS = [(f"policy-{n}", "earn/wrong", pointer, code) for n, (_, pointer, code) in enumerate(POLICIES)]
CORPUS += [(f"definition-{n}", path, pointer, code) for n, (path, _, pointer, code) in enumerate(DEFINED)]


def documents_of(name):
    """The lab with one entry of the corpus in it."""
    kind, _, number = name.partition("-")
    if kind == "policy":
        return folder(wrong=POLICIES[int(number)][0])
    path, change, *_ = DEFINED[int(number)]
    return changed(path, change)


def test_the_corpus_is_large_and_says_each_thing_once():
    assert len(CORPUS) >= 200
    assert len({code for *_, code in CORPUS}) >= 60


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: f"{one[0]}-{one[3]}")
def test_a_fault_has_its_place_and_words_in_both_languages(one):
    name, path, pointer, code = one

    found = [
        fault
        for fault in faults(documents_of(name))
        if (fault.path, fault.pointer, fault.code) == (path, pointer, code)
    ]

    assert found
    english, chinese = (fault_text(found[0], lang) for lang in LANGUAGES)
    assert len(english) > 15
    assert chinese != english
    assert any("一" <= letter <= "鿿" for letter in chinese)


GENEROUS = [
    earns(10**12),
    rates(points="1000000000000", per="0.00000001"),
    rates(points="1000001", per="1"),
    policy(("earn_points_by_table", {"by": "member_tier", "table": {"gold": "1000000000000"}, "per": "1.00"})),
    policy(("earn_points_by_steps", {"of": "order_paid", "steps": [{"from": "1.00", "points": "9999999999"}]})),
    policy(("earn_points_by_steps", {"of": "order_paid", "mode": "rate", "steps": [
        {"from": "0", "points": "9999999999", "per": "0.01"}]})),
    multiplies("1000000000000"),
]  # fmt: skip


@pytest.mark.parametrize("document", GENEROUS, ids=range(len(GENEROUS)))
def test_what_is_generous_beyond_all_measure_is_refused(document):
    assert {fault.code for fault in faults(folder(wrong=document))} & {"TOO_GENEROUS", "OUT_OF_RANGE"}


def test_what_is_as_generous_as_may_be_still_decides_exactly():
    rules_ = (rates(points="1000000", per="1.00"), earns(10**9))
    assert faults(folder(*rules_)) == []

    assert earned(decided(lab(*rules_), order_paid=2**53)) == {"p0": 2**53 * 10**4, "p1": 10**9}


def circular():
    documents = folder(p=earns(1))
    documents["tiers/grade"] = json.loads(json.dumps(documents["tiers/grade"]))
    documents["tiers/grade"]["levels"][1]["reach"] = {"name": "member_tier", "operator": "at_least", "value": "gold"}
    return documents


HUGE = {"any": [{"all": [{"name": "order_skus", "operator": "contains_any", "value": [f"s{n}-{m}" for n in range(20)]}
                         for m in range(10)]} for _ in range(18)]}  # fmt: skip
HOSTILE = {
    "as many conditions as may be": lambda: folder(p=earns(1, conditions={"any": [
        {"name": "order_paid", "operator": "equal_to", "value": f"{n}.00"} for n in range(200)]})),
    "many sets": lambda: folder(p=earns(1, conditions=HUGE)),
    "texts that might match": lambda: folder(p=earns(1, conditions={"all": [
        {"name": "order_store", "operator": "contains", "value": "a" * n} for n in range(1, 150)]})),
    "two hundred policies in a group": lambda: folder(**{f"p{n}": earns(n + 1, stacking={
        "group": "g", "mode": "exclusive"}) for n in range(200)}),
    "a level that asks for itself": circular,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_meant_to_take_long_is_answered_soon(name):
    documents = HOSTILE[name]()
    began = perf_counter()

    checked = check(documents)
    checked.faults = [fault for fault in checked.faults if fault.code != "EXAMPLES_TOO_FEW"]
    warned = lint(checked)

    assert perf_counter() - began < 20
    assert all(fault_text(fault, lang) for fault in (*checked.faults, *warned) for lang in LANGUAGES)


ROOT = Path(__file__).parents[2] / "rules/programmes"
SOUND = {folder.name: files.documents(folder) for folder in sorted(ROOT.iterdir())}
PLACES = [(name, path) for name, documents in SOUND.items() for path in documents if not path.startswith("stories/")]
STRAY = st.sampled_from([None, True, 0, -1, 10**12, "", "0", "1.5", "gold", [], {}, ["a"], {"en": "x"}, "order.paid"])


def places_of(node, steps=()):
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [steps] if steps else []
    return found + [place for key, child in children for place in places_of(child, (*steps, key))]


@st.composite
def mutations(draw):
    """A document of a real programme with one value replaced, left out, or taken from elsewhere in it."""
    name, path = draw(st.sampled_from(PLACES))
    document = json.loads(json.dumps(SOUND[name][path]))
    every = places_of(document)
    steps, how = draw(st.sampled_from(every)), draw(st.sampled_from(["stray", "gone", "moved"]))
    here = document
    for step in steps[:-1]:
        here = here[step]
    if how == "gone":
        del here[steps[-1]]
    else:
        other = SOUND[name][path]
        for step in draw(st.sampled_from(every)):
            other = other[step]
        here[steps[-1]] = draw(STRAY) if how == "stray" else json.loads(json.dumps(other))
    return {**SOUND[name], path: document}


@settings(max_examples=120, deadline=None)
@given(mutations())
def test_a_mutated_programme_is_refused_in_words_or_works_altogether(documents):
    checked = check(documents)
    for fault in (*checked.faults, *lint(checked)):
        assert all(fault_text(fault, lang) for lang in LANGUAGES)
        assert fault.code != "INVALID"
    if checked.faulty:
        return
    rules = compile_checked(checked)
    for kind in sorted(rules.kinds):
        known = facts(rules, kind)
        verdict = decided(rules, kind)
        for lang in LANGUAGES:
            said = [telling.posting(rules, effect, known, [], verdict, lang) for effect in verdict.effects]
            said += [
                line for one in stories(rules, kind, known, [], verdict) for line in telling.story(rules, one, lang)
            ]
            assert all(said)
    for lang in LANGUAGES:
        assert all(action_words.policy(rule, rules.definitions, lang) for rule in rules.rules.values())
        assert describe.page(rules.definitions, rules.rules, lang).startswith("# ")
    assert schemas.document("policy", rules.definitions)


def test_every_fault_of_the_table_has_words():
    assert {f"fault.{code}" for *_, code in CORPUS} <= set(locales.texts("en"))
