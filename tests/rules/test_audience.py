"""Whom a policy is for: its parts as conditions, and lots that are drawn the same way for ever."""

import hashlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import action_words, telling
from rules.audience import Pilot, Who, drawn
from rules.conditions import holds
from rules.decide import decide
from rules.explain import stories
from rules.parts import LANGUAGES
from tests.rules.lab import NOON, decided, earned, earns, facts, lab, multiplies, rates

MEMBERS = 100_000


def for_whom(**audience: object) -> dict[str, object]:
    return earns(5, audience=audience)


@pytest.mark.parametrize(
    ("audience", "inside", "outside"),
    [
        ({"segments": ["friends", "young"]}, {"member_segments": ("young",)}, {"member_segments": ()}),
        ({"not_segments": ["friends"]}, {"member_segments": ("young",)}, {"member_segments": ("friends",)}),
        ({"tags": ["vip"]}, {"member_tags": ("a", "vip")}, {"member_tags": ("VIP",)}),
        ({"not_tags": ["staff"]}, {"member_tags": ("vip",)}, {"member_tags": ("staff", "vip")}),
        (
            {"consents": ["marketing", "profiling"]},
            {"member_consents": ("marketing", "profiling")},
            {"member_consents": ("marketing",)},
        ),
        ({"tiers": {"at_least": "silver"}}, {"tier_grade": "gold"}, {"tier_grade": "normal"}),
        ({"tiers": {"ladder": "layer", "one_of": ["base"]}}, {"tier_layer": "base"}, {"tier_layer": "core"}),
        ({"channels": ["app"]}, {"order_channel": "app"}, {"order_channel": "web"}),
        ({"stores": ["bund"]}, {"order_store": "bund"}, {"order_store": ""}),
        ({"members": ["0" * 20]}, {"member_handle": "0" * 20}, {"member_handle": "1" * 20}),
        (
            {"channels": ["app"], "tags": ["vip"]},
            {"order_channel": "app", "member_tags": ("vip",)},
            {"order_channel": "app"},
        ),
    ],
)
def test_a_policy_is_for_its_audience_and_nobody_else(audience, inside, outside):
    rules = lab(gift=for_whom(**audience))

    assert earned(decided(rules, **inside)) == {"gift": 5}
    assert earned(decided(rules, **outside)) == {}


def test_an_audience_and_conditions_must_both_hold():
    rules = lab(
        gift=earns(
            5,
            audience={"tags": ["vip"]},
            conditions={"any": [{"name": "order_paid", "operator": "greater_than", "value": "1.00"}]},
        )
    )

    assert earned(decided(rules, member_tags=("vip",), order_paid=200)) == {"gift": 5}
    assert earned(decided(rules, member_tags=("vip",), order_paid=100)) == {}
    assert earned(decided(rules, order_paid=200)) == {}


def test_a_line_and_a_multiplier_have_an_audience_too():
    rules = lab(base=rates(base="line_amount", rounding="floor_line", scope="line", audience={"tags": ["a"]}))
    double = lab(base=rates(), double=multiplies("2", audience={"tags": ["a"]}))
    line = {"line_amount": 300}

    assert earned(decided(rules, lines=[line], member_tags=("a",))) == {"base": 3}
    assert earned(decided(rules, lines=[line])) == {}
    assert earned(decided(double, order_paid=300, member_tags=("a",))) == {"base": 3, "double": 3}
    assert earned(decided(double, order_paid=300)) == {"base": 3}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_audience_is_said_part_by_part_and_a_list_by_its_length(lang):
    rules = lab(
        a=for_whom(segments=["friends"], tiers={"at_least": "gold"}, members=["0" * 20, "1" * 20]),
        b=for_whom(pilot={"percent": "12.5", "salt": "spring", "control": "5"}),
    )

    first, second = (action_words.policy(rules.rules[f"earn/{name}"], rules.definitions, lang) for name in "ab")

    assert {"en": "Friends", "zh-CN": "朋友"}[lang] in first
    assert {"en": "Gold", "zh-CN": "金卡"}[lang] in first
    assert "2" in first
    assert "0" * 20 not in first
    assert "12.5%" in second
    assert "5%" in second


@pytest.mark.parametrize(("lang", "prefix"), [("en", "audience: wanted: "), ("zh-CN", "受众：")])
def test_whoever_is_left_out_is_told_by_which_part_with_the_value_found(lang, prefix):
    rules = lab(gift=for_whom(tags=["vip"]))
    known = facts(rules, member_tags=("new",))
    verdict = decide(rules, "order.paid", known, at=NOON, usage=lambda *_: 0)
    (told,) = stories(rules, "order.paid", known, [], verdict)

    _, line = telling.story(rules, told, lang)

    assert line.startswith(prefix)
    assert "vip" in line
    assert "new" in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whoever_is_out_by_lot_is_told_the_lot_and_the_share(lang):
    rules = lab(gift=for_whom(pilot={"percent": 20, "salt": "spring", "control": 10}))
    known = facts(rules)
    sides = {}
    for member in range(1, 60):
        who = Who(1, member)
        verdict = decide(rules, "order.paid", known, at=NOON, usage=lambda *_: 0, who=who)
        (outcome,) = verdict.outcomes
        lot = who.bucket("spring")
        side = "in" if lot < 2000 else "control" if lot >= 9000 else "pilot"
        assert outcome.because == (None if side == "in" else f"audience:{side}:{lot}")
        assert outcome.fired is (side == "in")
        (told,) = stories(rules, "order.paid", known, [], verdict)
        sides[side] = (telling.story(rules, told, lang)[0], lot)

    assert set(sides) == {"in", "pilot", "control"}
    for side, share in (("pilot", "20%"), ("control", "10%")):
        text, lot = sides[side]
        assert share in text
        assert f"{lot // 100}.{lot % 100:02d}%" in text


def test_where_nobody_is_named_everybody_is_in_the_pilot():
    rules = lab(gift=for_whom(pilot={"percent": "0.01", "salt": "spring"}))

    assert earned(decided(rules)) == {"gift": 5}


def test_a_lot_is_the_hash_that_is_written_down():
    drawn_by_hand = hashlib.sha256(b"spring:7:123456").digest()

    assert Who(7, 123456).bucket("spring") == int.from_bytes(drawn_by_hand, "big") % 10_000


@pytest.mark.parametrize("percent", ["0.5", "12.5", "50", "99"])
def test_of_a_hundred_thousand_members_a_pilot_takes_its_share(percent):
    lots = [Who(1, member).bucket(f"salt-{percent}") for member in range(1, MEMBERS + 1)]
    share = Decimal(percent) / 100
    count = sum(lot < int(Decimal(percent) * 100) for lot in lots)

    # Five standard deviations of a fair draw: a share that is off by more was not drawn by lot.
    assert abs(count - MEMBERS * share) ** 2 <= 25 * MEMBERS * share * (1 - share)
    assert len(set(lots)) > 9_990  # Every lot is drawn.


@settings(max_examples=100)
@given(
    st.integers(1, 10_000), st.integers(0, 10_000), st.integers(1, 2**53), st.text("abcXYZ-09", min_size=1, max_size=9)
)
def test_pilot_and_control_never_meet_and_never_change_places(percent, control, member, salt):
    control = min(control, 10_000 - percent)
    pilot = Pilot(percent=Decimal(percent) / 100, salt=salt, control=Decimal(control) / 100 if control else None)
    side, lot = drawn(pilot, Who(1, member))

    assert (side is None) is (lot < percent)
    assert (side == "control") is (lot >= 10_000 - control)
    assert drawn(pilot, Who(1, member)) == (side, lot)
    wider = pilot.model_copy(update={"percent": min(pilot.percent + 1, Decimal(100) - Decimal(control) / 100)})
    assert side is not None or wider.percent < pilot.percent or drawn(wider, Who(1, member))[0] is None


def test_a_share_ends_at_its_last_lot_and_the_control_group_begins_at_its_first():
    who = next(one for one in (Who(1, member) for member in range(1, 99)) if 100 < one.bucket("edge") < 9_900)
    lot = Decimal(who.bucket("edge"))

    def side(percent: Decimal, control: Decimal) -> str | None:
        return drawn(Pilot(percent=percent / 100, salt="edge", control=control / 100), who)[0]

    assert (side(lot, Decimal(1)), side(lot + 1, Decimal(1))) == ("pilot", None)
    assert (side(Decimal(1), 10_000 - lot), side(Decimal(1), 10_000 - lot - 1)) == ("control", "pilot")


def test_pilots_with_other_salts_are_other_people():
    both = [Who(1, member).bucket("a") < 5000 and Who(1, member).bucket("b") < 5000 for member in range(20_000)]

    assert 4_700 < sum(both) < 5_300


def test_handles_tell_members_apart_and_say_nothing():
    handles = {Who(1, member).handle for member in range(MEMBERS)}

    assert len(handles) == MEMBERS
    assert all(len(one) == 20 for one in handles)
    assert Who(1, 5).handle != Who(2, 5).handle


def test_the_audience_is_part_of_the_rules_condition():
    rules = lab(gift=for_whom(tags=["vip"]))
    rule = rules.rules["earn/gift"]

    assert rule.asked is None
    assert not holds(rule.condition, facts(rules))
    assert holds(rule.condition, facts(rules, member_tags=("vip",)))
