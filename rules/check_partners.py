"""What partners must keep to between them: shops that exist and are nobody else's, purposes and benefits there are."""

from collections.abc import Iterator, Mapping

from rules import actions
from rules.benefits import Benefit
from rules.faults import Fault, at, listed, shown
from rules.partners import Partner
from rules.programme import Programme

Found = Iterator[tuple[tuple[str | int, ...], str, dict[str, str | int]]]


def faults(programme: Programme, partners: Mapping[str, Partner], benefits: Mapping[str, Benefit]) -> Iterator[Fault]:
    """The faults of all partners, and of the benefits that name one."""
    sold: dict[str, str] = {}
    for key, partner in partners.items():
        for steps, code, more in [*_shops(key, partner, programme, sold), *_names(key, partner, programme, benefits)]:
            yield Fault(f"partners/{key}", at(*steps), code, more)
    for key, benefit in benefits.items():
        if partners and benefit.partner is not None and benefit.partner not in partners:
            more = {"name": shown(benefit.partner), "allowed": listed(partners)}
            yield Fault(f"benefits/{key}", "/partner", "PARTNER_UNKNOWN", more)


def rated(params: actions.Params, partners: Mapping[str, Partner]) -> actions.Params:
    """A table by partner that says no rates has each partner's own."""
    if not isinstance(params, actions.EarnByTable) or params.by != "order_partner" or params.table:
        return params
    rates = {key: partner.earn_rate for key, partner in partners.items() if partner.earn_rate is not None}
    return params.model_copy(update={"table": rates})


def _shops(key: str, partner: Partner, programme: Programme, sold: dict[str, str]) -> Found:
    """A shop is one of the programme's, and one partner's alone; the first one is the house's own."""
    allowed = programme.shops[1:]
    for index, shop in enumerate(partner.shops):
        if shop not in allowed:
            yield ("shops", index), "SHOP_UNKNOWN", {"name": shown(shop), "allowed": listed(allowed)}
        elif sold.setdefault(shop, key) != key or partner.shops.index(shop) != index:
            yield ("shops", index), "NAME_TAKEN", {"name": shop}


def _names(key: str, partner: Partner, programme: Programme, benefits: Mapping[str, Benefit]) -> Found:
    if "/" in key:
        yield (), "BAD_PATH", {"path": f"partners/{key}"}
    for index, purpose in enumerate(partner.consents):
        if purpose not in programme.consents:
            more: dict[str, str | int] = {"name": shown(purpose), "allowed": listed(programme.consents)}
            yield ("consents", index), "CONSENT_UNKNOWN", more
    own = [name for name, benefit in benefits.items() if benefit.partner == key]
    for name in partner.settles.used:
        if name not in own:
            yield ("settles", "used", name), "BENEFIT_UNKNOWN", {"name": shown(name), "allowed": listed(own)}
