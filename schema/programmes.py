"""The programme itself: what it is called, its wallets, its ladders, its benefits, and its terms in words."""

from dataclasses import dataclass

import strawberry

from locales import text
from rules import expiry_words
from rules.expiry import Expiry
from rules.parts import Span
from rules.programme import Programme as Declared
from rules.programme import Wallet as DeclaredWallet
from rules.rule import Definitions
from schema.benefits import Benefit, benefit_of
from schema.needs import field, says
from schema.reader import Info, Reader
from schema.scalars import CurrencyCode, Locale
from schema.tiers import Ladder, ladder_of


@strawberry.type(description="One kind of points, as the programme declares it.")
class WalletTerms:
    """The same for everybody."""

    key: str = says("Its key in the programme.")
    title: str = says("What it is called.")
    unit: str = says("What one of them is called.")
    scale: int = says("How many decimals it keeps.")
    shown: int = says("How many of them a person sees of a balance.")
    main: bool = says("Whether it is the one meant where none is named.")
    spendable: bool = says("Whether it can be spent.")
    terms: list[str] = says("How long its points wait and live, in words.")


@strawberry.type(description="The programme.")
class Programme:
    """As its live version declares it."""

    key: str = says("Its name in this deployment.")
    title: str = says("What it is called.")
    zone: str = says("The time zone its days are of.")
    currency: CurrencyCode = says("The currency of its orders.")
    languages: list[Locale] = says("The languages it speaks, its own first.")
    shops: list[str] = says("The systems that may number orders.")
    wallets: list[WalletTerms] = says("Its kinds of points.")
    ladders: list[Ladder] = says("Its ladders.")
    benefits: list[Benefit] = says("Everything a member can be given.")
    event_types: list[str] = says("The types of behaviour it listens to.")
    terms: list[str] = says("Its terms, in words.")


@strawberry.type
class ProgrammeQuery:
    """What holds for everybody."""

    @field(needs="any", description="The programme the token belongs to.")
    async def programme(self, info: Info) -> Programme | None:
        """As it stands now."""
        reader = info.context
        live = await reader.live()
        ruleset = live.at(reader.now).ruleset
        own = ruleset.programme
        wallets = [wallet_terms(reader, ruleset.definitions, key) for key in own.wallets]
        return Programme(
            key=live.name,
            title=reader.say(own.title),
            zone=own.zone,
            currency=CurrencyCode(own.currency),
            languages=[Locale(lang) for lang in own.languages],
            shops=list(own.shops),
            wallets=wallets,
            ladders=[ladder_of(reader, key, ladder) for key, ladder in ruleset.ladders.items()],
            benefits=catalogue(reader, own, ruleset.benefits),
            event_types=sorted(own.event_types),
            terms=[line for wallet in wallets for line in wallet.terms] + [debt_terms(own, reader.lang())],
        )

    @field(needs="any", description="Everything a member can be given.")
    async def benefits(self, info: Info) -> list[Benefit] | None:
        """The catalogue, without regard to who reads."""
        ruleset = (await info.context.live()).at(info.context.now).ruleset
        return catalogue(info.context, ruleset.programme, ruleset.benefits)


def catalogue(reader: Reader, programme: Declared, benefits: object) -> list[Benefit]:
    """Every benefit."""
    return [
        benefit_of(reader, programme, key, declared)
        for key, declared in sorted(benefits.items())  # type: ignore[attr-defined]
    ]


def wallet_terms(reader: Reader, definitions: Definitions, key: str) -> WalletTerms:
    """One wallet and its terms."""
    programme, lang = definitions.programme, reader.lang()
    own = programme.wallets[key]
    said = Terms(own, own.title.say(lang), lang, definitions)
    return WalletTerms(
        key=key,
        title=own.title.say(lang),
        unit=own.unit.say(lang),
        scale=own.scale,
        shown=own.scale if own.shown is None else own.shown,
        main=key == programme.main_wallet,
        spendable=own.spendable,
        terms=[said.pending(), said.expiry()],
    )


@dataclass(frozen=True)
class Terms:
    """What is said of one wallet."""

    wallet: DeclaredWallet
    title: str
    lang: str
    definitions: Definitions

    def pending(self) -> str:
        """How long its points wait."""
        pending = self.wallet.pending
        if not self.wallet.spendable:
            return text("terms.not_spendable", self.lang, wallet=self.title)
        if pending is None or pending.days == 0:
            return text("terms.at_once", self.lang, wallet=self.title)
        if pending.open:
            return text("terms.open", self.lang, wallet=self.title)
        if pending.days is None:
            return self._said(expiry_words.pending(pending, self.lang))
        return self._counted("pending_days", pending.days)

    def expiry(self) -> str:
        """How long they live."""
        rule: Expiry = self.wallet.expires
        if rule.first_of_month_after is not None:
            return text("terms.first_of_month_after", self.lang, wallet=self.title, n=rule.first_of_month_after)
        if rule.after is not None:
            return self._counted(unit_of(rule.after), number_of(rule.after))
        if rule.never:
            return text("terms.never", self.lang, wallet=self.title)
        return self._said(expiry_words.expiry(rule, self.definitions, self.lang))

    def _said(self, words: str) -> str:
        return text("terms.other", self.lang, wallet=self.title, words=words)

    def _counted(self, code: str, n: int) -> str:
        return text(f"terms.{code}{'_one' if n == 1 else ''}", self.lang, wallet=self.title, n=n)


def unit_of(span: Span) -> str:
    """The unit a span is in."""
    return next(name for name in ("days", "months", "years") if getattr(span, name) is not None)


def number_of(span: Span) -> int:
    """How many of its unit a span is."""
    return int(getattr(span, unit_of(span)))


def debt_terms(programme: Declared, lang: str) -> str:
    """What happens to points of goods that come back."""
    return text(f"terms.debt_{programme.debt}", lang)
