"""The arithmetic of one posting in words: a rate and what it was of, a factor and what it was on top of, a cap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules import actions, earning, exact
from rules.arithmetic import Working
from rules.earning_words import amount as amount_words
from rules.earning_words import base, rate
from rules.rule import Definitions
from rules.scene import Scene
from rules.words import counted, money, points, say, value

Facts = Mapping[str, Any]
FIGURE_DECIMALS = 4


@dataclass(frozen=True)
class Figures:
    """One posting's arithmetic in words."""

    definitions: Definitions
    working: Working
    facts: Facts
    lines: Sequence[Facts]
    lang: str

    @property
    def total(self) -> str:
        """The points that were posted."""
        own = self.working.earned
        return self.said(own.points[self.working.index])

    def said(self, units: int) -> str:
        """Points of the wallet."""
        return points(units, self.working.earned.wallet, self.definitions, self.lang)

    def exact(self, units: Fraction) -> str:
        """An exact amount of points, before it is rounded."""
        return figure(units / 10 ** self.definitions.scale(self.working.earned.wallet))

    def by_amount(self) -> str:
        """A rate and what it was of, or a fixed number."""
        own, exactly = self.working, self.working.exactly
        if exactly is None or not isinstance(own.params, actions.ByAmount):
            return say("posting_fixed", self.lang, total=self.total)
        parts = {"base": base(actions.base_of(own.params), self.definitions, self.lang), "amount": self.amount()}
        per = self.per()
        if per is None:
            text = say("posting_steps", self.lang, exact=self.exact(exactly), **parts)
        else:
            text = say("posting_rate", self.lang, **per, **parts)
        return say("posting_whole" if own.shared else "posting_made", self.lang, text=text, **self.rounded())

    def with_rest(self, text: str) -> str:
        """The same with what was left of earlier roundings, and what is left now."""
        carried = self.working.earned.carried
        if carried is None:
            return text
        before, left = (self.exact(Fraction(rest, carried.parts)) for rest in (carried.before, carried.left))
        return say("posting_carry", self.lang, text=text, before=before, left=left)

    def rounded(self) -> dict[str, str]:
        """What came of it, and where lines share one rounding: of what."""
        whole = self.working.uncut
        return {
            "total": self.total,
            "exact": self.exact(sum(whole.exact, Fraction(0))),
            "whole": self.said(whole.total),
        }

    def per(self) -> dict[str, str] | None:
        """The rate that was used; None where steps decide."""
        params = self.working.params
        if isinstance(params, actions.EarnPerAmount | actions.EarnPerUnit):
            found = rate(params, self.definitions, self.lang)
            return {"points": found["points"], "per": found["per"]}
        if not isinstance(params, actions.EarnByTable):
            return None
        scene = Scene(self.definitions, self.facts, self.lines)
        line = self.working.uncut.lines[self.working.place]
        asked = earning.looked_up(scene, line, params.by, params.table, params.otherwise) or Decimal(0)
        name = actions.base_of(params)
        per = amount_words(name, params.per, self.definitions, self.lang)
        return {"points": counted(asked, self.working.earned.wallet, self.definitions, self.lang), "per": per}

    def amount(self) -> str:
        """The figure it was earned on."""
        own = self.working
        name, line = actions.base_of(own.params), own.uncut.lines[own.place]
        scene = Scene(
            self.definitions, self.facts, self.lines, tuple(one for one in own.uncut.lines if one is not None)
        )
        found = earning.basis(scene, own.rule, name) if own.rule.by_line or line is not None else None
        given = found.figures[found.lines.index(line)] if found else self.facts[name]
        variable = self.definitions.catalogue.variables.get(name)
        if isinstance(given, Fraction) or variable is None:
            return money_exactly(Fraction(given or 0), self.definitions, self.lang)
        return value(variable, given, self.definitions, self.lang)

    def cap(self) -> str:
        """The most that the action itself gives on one event."""
        params = self.working.params
        most = params.cap if isinstance(params, actions.ByAmount) else None
        if most is None:
            return say("because_cut", self.lang)
        return say("earn_cap", self.lang, points=counted(most, self.working.earned.wallet, self.definitions, self.lang))

    def on_top(self) -> str:
        """Base × factor, rounded, and what that is on top of what was posted."""
        own, source = self.working, self.working.source or self.working.uncut
        factors = dict(zip(own.uncut.lines, own.uncut.factors, strict=True))
        wanted = set(factors) if own.shared else {own.uncut.lines[own.place]}
        picked = [i for i, line in enumerate(source.lines) if line in wanted]
        before = [source.exact[i] for i in picked]
        after = [source.exact[i] * factors[source.lines[i]] for i in picked]
        rounded = sum(earning.rounded(after, source.rounding))
        whole = sum(before, Fraction(0))
        text = {
            "base": self.exact(whole),
            "factor": figure(sum(after, Fraction(0)) / whole),
            "product": self.exact(sum(after, Fraction(0))),
            "rounded": self.said(rounded),
            "total": self.total,
        }
        if len(picked) == 1:
            return say("posting_factor", self.lang, **text)
        top = rounded - sum(earning.rounded(before, source.rounding))
        return say("posting_factor_share", self.lang, top=self.said(top), **text)


def money_exactly(minor: Fraction, definitions: Definitions, lang: str) -> str:
    """An amount that may be a fraction of a minor unit: a line's share of what the order comes to."""
    if minor.denominator == 1:
        return money(int(minor), definitions, lang)
    return figure(minor / 10**definitions.catalogue.currency_scale)


def figure(number: Fraction) -> str:
    """An exact number written out; one that never ends is cut after four decimals and says so."""
    shown = exact.floor(number * 10**FIGURE_DECIMALS)
    text = exact.plain(Decimal(shown).scaleb(-FIGURE_DECIMALS))
    return text if Fraction(shown, 10**FIGURE_DECIMALS) == number else f"{text}…"
