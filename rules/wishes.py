"""What a policy whose conditions hold wishes for, before stacking and limits.

What earns is in `earning`, what prices in `pricing`; the rest is said here. A new action is a new line in the table.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rules import actions, choosing, earning, lifetimes, pricing, tier_wishes
from rules.effects import (
    ConvertPoints,
    Effect,
    Enrol,
    FreezeWallet,
    IssueBenefit,
    RaiseAlert,
    Refuse,
    RevokeBenefit,
    SendMessage,
    SetTrait,
    UpgradeBenefit,
)
from rules.facts import variable_key
from rules.rule import Rule
from rules.scene import Earned, Scene, Unmet, Wish

__all__ = ["HANDLERS", "Earned", "Scene", "Wish", "wish"]


def convert(scene: Scene, rule: Rule, params: actions.Convert) -> Effect | None:
    """As often as the points are there."""
    wallet = scene.wallet(params)
    points = scene.units(params.points, wallet)
    times = max(scene.facts[f"balance_{wallet}"], 0) // points
    return ConvertPoints(rule.path, wallet, points, times, params.benefit) if times else None


def issue(scene: Scene, rule: Rule, params: actions.Issue) -> Effect:
    """The benefit, so many times."""
    return IssueBenefit(rule.path, params.benefit, params.count)


def revoke(scene: Scene, rule: Rule, params: actions.Revoke) -> Effect | None:
    """So many pieces back, one unless said, or all; nothing where there are none."""
    if scene.facts[f"held_{variable_key(params.benefit)}"] == 0:
        return None
    return RevokeBenefit(rule.path, params.benefit, None if params.all else params.count or 1)


def upgrade(scene: Scene, rule: Rule, params: actions.Upgrade) -> Effect | None:
    """The better for the good, where the member has it."""
    if scene.facts[f"held_{variable_key(params.benefit)}"] == 0:
        return None
    return UpgradeBenefit(rule.path, params.benefit, params.to)


def refuse(scene: Scene, rule: Rule, params: actions.Refusal) -> Effect:
    """No, in the policy's words."""
    return Refuse(rule.path, params.text.by_language())


def enrol(scene: Scene, rule: Rule, params: actions.Enrolment) -> Effect:
    """A member, from now on."""
    return Enrol(rule.path)


def message(scene: Scene, rule: Rule, params: actions.Message) -> Effect:
    """The message."""
    return SendMessage(rule.path, params.template, dict(params.params), params.purpose)


def tag(scene: Scene, rule: Rule, params: actions.AddTag | actions.RemoveTag) -> Effect:
    """A tag put on or taken off."""
    return SetTrait(rule.path, "tags", params.tag, isinstance(params, actions.AddTag))


def segment(scene: Scene, rule: Rule, params: actions.JoinSegment | actions.LeaveSegment) -> Effect:
    """Into a segment, or out of it."""
    return SetTrait(rule.path, "segments", params.segment, isinstance(params, actions.JoinSegment))


def alert(scene: Scene, rule: Rule, params: actions.RaiseAlert) -> Effect:
    """The alert."""
    return RaiseAlert(rule.path, params.severity, params.text.by_language())


def freeze(scene: Scene, rule: Rule, params: actions.FreezeWallet) -> Effect:
    """A wallet; the main one where none is named."""
    return FreezeWallet(rule.path, params.wallet or scene.definitions.programme.main_wallet)


HANDLERS: Mapping[type[actions.Params], Callable[[Scene, Rule, Any], Any]] = {
    actions.EarnPoints: earning.earn_points,
    actions.EarnPerAmount: earning.earn_per,
    actions.EarnPerUnit: earning.earn_per,
    actions.EarnBySteps: earning.earn_by_steps,
    actions.EarnByTable: earning.earn_by_table,
    actions.Multiply: earning.multiply,
    actions.Convert: convert,
    actions.Expire: lifetimes.expire,
    actions.Redate: lifetimes.redate,
    actions.Mature: lifetimes.mature,
    actions.PriceFixed: pricing.price_fixed,
    actions.PriceStepped: pricing.price_stepped,
    actions.PriceRate: pricing.price_rate,
    actions.Issue: issue,
    actions.IssueByChoice: choosing.choose,
    actions.Revoke: revoke,
    actions.Upgrade: upgrade,
    actions.Refusal: refuse,
    actions.Enrolment: enrol,
    actions.Message: message,
    actions.MoveTier: tier_wishes.move_tier,
    actions.ProtectTier: tier_wishes.protect_tier,
    actions.ExtendTier: tier_wishes.extend_tier,
    actions.AddTag: tag,
    actions.RemoveTag: tag,
    actions.JoinSegment: segment,
    actions.LeaveSegment: segment,
    actions.RaiseAlert: alert,
    actions.FreezeWallet: freeze,
}


def wish(scene: Scene, rule: Rule) -> Wish:
    """Everything a policy wishes for, action by action."""
    earned: list[Earned] = []
    wished: list[Effect] = []
    unmet: list[Unmet] = []
    for params in rule.actions:
        made = HANDLERS[type(params)](scene, rule, params)
        for one in made if isinstance(made, list) else [made]:
            if isinstance(one, Earned):
                earned.append(one)
            elif isinstance(one, Unmet):
                unmet.append(one)
            elif one is not None:
                wished.append(one)
    return Wish(rule, scene.matched, tuple(earned), tuple(wished), tuple(unmet))
