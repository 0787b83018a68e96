"""What actions on standings wish for: the ladder they mean, and the level or the stretch of time."""

from rules import actions
from rules.effects import Effect, ExtendTier, MoveTier, ProtectTier
from rules.rule import Rule
from rules.scene import Scene


def move_tier(scene: Scene, rule: Rule, params: actions.MoveTier) -> Effect:
    """The level."""
    return MoveTier(rule.path, scene.definitions.ladder_of(params), params.to)


def protect_tier(scene: Scene, rule: Rule, params: actions.ProtectTier) -> Effect:
    """For how long nothing takes the member down."""
    return ProtectTier(rule.path, scene.definitions.ladder_of(params), params.span)


def extend_tier(scene: Scene, rule: Rule, params: actions.ExtendTier) -> Effect:
    """By how much the end is put off."""
    return ExtendTier(rule.path, scene.definitions.ladder_of(params), params.span)
