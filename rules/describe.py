"""A programme on one page of plain words: the members' points guide, as Markdown.

Made of the documents alone, by the words that explain and check use: what is published is what is told.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from rules import actions, benefit_words, exact, expiry_words, words
from rules.conditions import Unfit, read_fact
from rules.describe_levels import levels
from rules.describe_sentences import HOUSE, sentence
from rules.describe_words import Page, bullet, clean, guide
from rules.facts import WANTED
from rules.policy import Example
from rules.rule import Definitions, Rule
from rules.ruleset import order

__all__ = ["page"]

CAMPAIGNS = "campaigns/"
OWN = "benefits/"  # What a benefit does by itself is told with the benefit.
PAID = "order_paid"


def page(definitions: Definitions, rules: Mapping[str, Rule], lang: str) -> str:
    """The guide: title, how one joins, earns, spends and climbs, and what else is good to know."""
    own = Page(definitions, tuple(sorted(rules.values(), key=order)), lang)
    lines = [f"# {guide('title', lang, title=clean(definitions.programme.title.say(lang)))}", ""]
    for head, section in SECTIONS:
        found = list(section(own))
        if found:
            lines += [f"## {guide(head, lang)}", "", *found, ""]
    return "\n".join(lines).rstrip() + "\n"


def joining(own: Page) -> Iterator[str]:
    """How somebody becomes a member."""
    yield from told(own, lambda rule: any(isinstance(one, actions.Enrolment) for one in rule.actions))


def earning(own: Page) -> Iterator[str]:
    """What earns points at any time, the best known first: by amount, then the rest."""
    yield from told(own, lambda rule: lasting(rule) and earns(rule) and by_amount(rule))
    yield from told(own, lambda rule: lasting(rule) and earns(rule) and not by_amount(rule))


def multiplying(own: Page) -> Iterator[str]:
    """What multiplies points, and which of it counts where several could."""
    yield from told(own, lambda rule: lasting(rule) and rule.multiplies)
    yield from groups(own, [rule for rule in own.rules if lasting(rule) and rule.multiplies])


def offers(own: Page) -> Iterator[str]:
    """Campaigns."""
    yield from told(own, lambda rule: rule.path.startswith(CAMPAIGNS) and not hidden(rule))


def spending(own: Page) -> Iterator[str]:
    """What points buy."""
    yield from told(own, lambda rule: lasting(rule) and any(isinstance(one, PRICED) for one in rule.actions))


def more(own: Page) -> Iterator[str]:
    """Everything else that a policy does for or to members, refusals included."""
    shown: tuple[Callable[[Rule], bool], ...] = (earns, lambda rule: rule.multiplies, hidden)
    priced = (*PRICED, actions.Enrolment)
    rest = [rule for rule in own.rules if lasting(rule) and not any(one(rule) for one in shown)]
    yield from told(own, lambda rule: rule in rest and not any(isinstance(one, priced) for one in rule.actions))
    yield bullet(guide(f"debt_{own.definitions.programme.debt}", own.lang))


def lives(own: Page) -> Iterator[str]:
    """From when points can be spent, and how long they live, by wallet."""
    for wallet in own.definitions.programme.wallets.values():
        title = clean(wallet.title.say(own.lang))
        waits = expiry_words.pending(wallet.pending, own.lang) or words.say("pending_none", own.lang)
        first = waits if wallet.spendable else guide("not_spendable", own.lang)
        parts = [first, expiry_words.expiry(wallet.expires, own.definitions, own.lang)]
        yield bullet(words.say("posting", own.lang, title=f"**{title}**", text=words.joined(parts, own.lang)))


def benefits(own: Page) -> Iterator[str]:
    """Every benefit, what it is, for whom and for how long."""
    for key, one in sorted(own.definitions.benefits.items()):
        text = clean(one.description.say(own.lang))
        details = benefit_words.terms(key, own)
        if details:
            limits = words.say("semicolon", own.lang).join(details)
            text = words.say("within", own.lang, sentence=text.rstrip(".。"), limits=limits)
        yield bullet(words.say("posting", own.lang, title=f"**{clean(one.title.say(own.lang))}**", text=text))


SECTIONS: tuple[tuple[str, Callable[[Page], Iterable[str]]], ...] = (
    ("joining", joining),
    ("earning", earning),
    ("multiplying", multiplying),
    ("offers", offers),
    ("lives", lives),
    ("spending", spending),
    ("levels", levels),
    ("benefits", benefits),
    ("more", more),
)
PRICED = (actions.Price, actions.Convert)


def told(own: Page, wanted: Callable[[Rule], bool]) -> Iterator[str]:
    """A line for each policy that is wanted: its title, what it says, and one of its own examples."""
    for rule in own.rules:
        if wanted(rule) and not hidden(rule):
            title = clean(rule.policy.title.say(own.lang))
            text = sentence(own, rule) + example(own, rule)
            yield bullet(words.say("posting", own.lang, title=f"**{title}**", text=text))


def example(own: Page, rule: Rule) -> str:
    """The first of its examples that says what an amount earns; nothing where none does."""
    for one in rule.policy.examples:
        found = amount_of(own.definitions, one)
        if found is not None and len(one.then) == 1 and "earn" in one.then[0] and "line" not in one.then[0]:
            wallet, number = one.then[0]["earn"], exact.read(one.then[0]["points"])
            if number is not None:
                earned = words.counted(number, wallet, own.definitions, own.lang)
                amount = words.money(found, own.definitions, own.lang)
                return guide("example", own.lang, amount=amount, points=earned)
    return ""


def amount_of(definitions: Definitions, one: Example) -> int | None:
    """What is paid in an example that says nothing else."""
    if set(one.given) != {PAID}:
        return None
    try:
        found: int = read_fact(definitions.catalogue.variables[PAID], one.given[PAID])
    except Unfit:
        return None
    return found


def groups(own: Page, rules: Iterable[Rule]) -> Iterator[str]:
    """How the policies of each group go together, where there is more than one."""
    counted: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.group is not None:
            counted.setdefault(rule.group, []).append(rule)
    for members in counted.values():
        stacking = members[0].policy.stacking
        if len(members) > 1 and stacking is not None:
            titles = words.joined((clean(one.policy.title.say(own.lang)) for one in members), own.lang)
            yield bullet(guide(f"group_{stacking.mode}", own.lang, titles=titles))


def lasting(rule: Rule) -> bool:
    """Whether a policy is no campaign and no enrolment."""
    return not rule.path.startswith(CAMPAIGNS) and WANTED not in rule.policy.on


def earns(rule: Rule) -> bool:
    """Whether a policy gives points by itself."""
    return not rule.multiplies and any(actions.limited(one) for one in rule.actions)


def by_amount(rule: Rule) -> bool:
    """Whether it gives them for what is paid."""
    return any(actions.limited(one) and not isinstance(one, actions.EarnPoints) for one in rule.actions)


def hidden(rule: Rule) -> bool:
    """Whether a policy does nothing that a member would read about: it only tells the house something."""
    return all(one.name in HOUSE for one in rule.actions) or rule.path.startswith(OWN)
