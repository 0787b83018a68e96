"""`stories/<name>.json`: what a programme does, told step by step, and played through the real intake.

A step is something that happens at a time, or only a look; `then` says what must be true after it. So a programme's
worked examples are part of the programme, and are as true as its books.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from rules.exact import MAGNITUDE_MAX
from rules.parts import Exact, Key, Moment, Name, Strict, Text, Words

SOMEBODY = "member"  # Who is meant where a step names nobody.
DEEDS = ("enrol", "order", "cancel", "returned", "event", "redeem", "use", "adjust")
Amounts = Annotated[dict[Name, Exact], Field(max_length=20)]
Who = Annotated[str, Field(min_length=1, max_length=64)]
Pieces = Annotated[int, Field(ge=0, le=MAGNITUDE_MAX)]


class Joining(Strict):
    """What somebody says of itself on joining: the profile, and options by preference."""

    profile: Annotated[dict[Name, str], Field(max_length=30)] = Field(default_factory=dict)
    preferences: Annotated[dict[Name, tuple[Key, ...]], Field(max_length=20)] = Field(default_factory=dict)


class Part(Strict):
    """A line of an order; `amount` is the whole line's."""

    sku: Words
    amount: Exact
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    brand: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()


class Sale(Strict):
    """An order that is paid: `total` is goods − discount + tax + shipping, and what is paid unless `paid` says else."""

    total: Exact
    number: str | None = None
    paid: Exact | None = None
    discount: Exact | None = None
    tax: Exact | None = None
    shipping: Exact | None = None
    lines: Annotated[tuple[Part, ...], Field(max_length=100)] = ()
    channel: str = ""
    store: str = ""
    payment: str = ""
    coupon: str = ""


class ReturnedPart(Strict):
    """How many of which line (from 0) came back."""

    line: Annotated[int, Field(ge=0, le=499)]
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class Back(Strict):
    """Goods of an order that came back: by line, by amount, or all that is left."""

    number: str
    lines: tuple[ReturnedPart, ...] = ()
    amount: Exact | None = None


class Deed(Strict):
    """Something of a type the programme declares."""

    type: str
    payload: dict[str, Any] = Field(default_factory=dict)


class Wanted(Strict):
    """A benefit for points."""

    benefit: Key
    value: Exact | None = None
    points: Exact | None = None
    basket: Exact | None = None
    order: str | None = None


class Use(Strict):
    """The member's oldest open piece of a benefit is used, under a sub-limit where the benefit has them."""

    benefit: Key
    part: str | None = None


class Adjusted(Strict):
    """Points that the story begins with, or that staff put right."""

    points: Exact
    wallet: Name | None = None


class Expected(Strict):
    """What must be true of the member after a step, as a reader sees it at that instant."""

    refused: str | None = None  # The code of the answer; REFUSED_BY_POLICY also where a policy silenced a fact.
    earned: Amounts | None = None  # By this step alone, net of what it took; a wallet not named earned nothing.
    balance: Amounts | None = None
    pending: Amounts | None = None
    tier: Annotated[dict[Key, Key], Field(max_length=20)] | None = None
    valid_through: dict[Key, date | None] | None = None  # Of the standing, by ladder; null where it has no end.
    benefits: Annotated[dict[Key, Pieces], Field(max_length=50)] | None = None  # Open pieces.
    benefit_through: dict[Key, date] | None = None  # The day the soonest of them ends.
    messages: Annotated[dict[str, Pieces], Field(max_length=20)] | None = None  # So far: by template, or kind.
    expires: dict[Name, dict[str, Exact]] | None = None  # By wallet, the day points are gone and how many.


class Step(Strict):
    """One step. A day alone is noon of it, in the programme's zone; so is a time without an offset."""

    at: Moment
    member: Who = SOMEBODY
    enrol: Literal[True] | Joining | None = None
    order: Sale | None = None
    cancel: str | None = None
    returned: Back | None = None
    event: Deed | None = None
    redeem: Wanted | None = None
    use: Use | None = None
    adjust: Adjusted | None = None
    then: Expected | None = None

    @property
    def deeds(self) -> list[str]:
        """What happens in it, by name: at most one thing."""
        return [name for name in DEEDS if getattr(self, name) is not None]


class Story(Strict):
    """One story, of steps in order of time."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    title: Text | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)]


class Stories(Strict):
    """The stories of one file."""

    title: Text
    source: Words | None = None
    stories: Annotated[tuple[Story, ...], Field(min_length=1, max_length=200)]


Found = tuple[tuple[str | int, ...], str, dict[str, str | int]]


def faults(document: Stories, names: Mapping[str, set[str]]) -> list[Found]:
    """Steps that do one thing, in order of time, and name what there is (`wallet`, `ladder`, `benefit`)."""
    found: list[Found] = []
    seen: set[str] = set()
    for number, story in enumerate(document.stories):
        if story.id in seen:
            found.append((("stories", number, "id"), "NAME_TAKEN", {"name": story.id}))
        seen.add(story.id)
        for index, step in enumerate(story.steps):
            where = ("stories", number, "steps", index)
            found += [((*where, *steps), code, more) for steps, code, more in step_faults(step, names)]
            before = story.steps[index - 1].at if index else step.at
            if written(before) > written(step.at):
                found.append(((*where, "at"), "STEP_EARLIER", {}))
    return found


def written(at: date | datetime) -> str:
    """A time to compare steps by; they are all in one zone, or all have their offset."""
    return at.isoformat() if isinstance(at, datetime) else f"{at.isoformat()}T12:00:00"


def step_faults(step: Step, names: Mapping[str, set[str]]) -> list[Found]:
    """What is wrong with one step."""
    found: list[Found] = []
    if len(step.deeds) > 1:
        found.append(((step.deeds[1],), "EXACTLY_ONE", {"allowed": ", ".join(DEEDS), "value": step.deeds[1]}))
    if not step.deeds and step.then is None:
        found.append(((), "FIELD_MISSING", {"field": "then"}))
    for path, kind, name in named(step):
        if name not in names[kind]:
            code = {"wallet": "WALLET_UNKNOWN", "ladder": "LADDER_UNKNOWN", "benefit": "BENEFIT_UNKNOWN"}[kind]
            found.append((path, code, {"name": name, "allowed": ", ".join(sorted(names[kind]))}))
    return found


def named(step: Step) -> list[tuple[tuple[str | int, ...], str, str]]:
    """What a step names of the programme: where, what kind of thing, which."""
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    if step.redeem:
        found.append((("redeem", "benefit"), "benefit", step.redeem.benefit))
    if step.use:
        found.append((("use", "benefit"), "benefit", step.use.benefit))
    if step.adjust and step.adjust.wallet:
        found.append((("adjust", "wallet"), "wallet", step.adjust.wallet))
    for field, kind in EXPECTED:
        found += [(("then", field, name), kind, name) for name in getattr(step.then, field, None) or ()]
    return found


EXPECTED = (
    ("earned", "wallet"),
    ("balance", "wallet"),
    ("pending", "wallet"),
    ("expires", "wallet"),
    ("tier", "ladder"),
    ("valid_through", "ladder"),
    ("benefits", "benefit"),
    ("benefit_through", "benefit"),
)
