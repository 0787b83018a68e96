"""What a policy wishes for that changes how long points live: wished for as said, worked out on the lots."""

from decimal import Decimal

from rules import actions
from rules.effects import Effect, ExpirePoints, MaturePoints, RedatePoints
from rules.rule import Rule
from rules.scene import Scene


def expire(scene: Scene, rule: Rule, params: actions.Expire) -> Effect:
    """The end of what is free in a wallet."""
    wallet = scene.wallet(params)
    return ExpirePoints(rule.path, wallet, scene.units(params.keep or Decimal(0), wallet))


def redate(scene: Scene, rule: Rule, params: actions.Redate) -> Effect:
    """New ends for what is there."""
    return RedatePoints(rule.path, scene.wallet(params))


def mature(scene: Scene, rule: Rule, params: actions.Mature) -> Effect:
    """The end of waiting."""
    return MaturePoints(rule.path, scene.wallet(params))
