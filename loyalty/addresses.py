"""Addresses of callers, and the ranges a key is good from. Nothing is looked up: a range is a network in numbers."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from loyalty.refusals import Malformed

RANGES_MAX: Final = 50


def network(text: str) -> str:
    """A range as it is kept: `10.1.0.0/16`, `2001:db8::/32`, or one address. Raises Malformed for anything else."""
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        raise Malformed("INVALID_RANGE", field="ranges", range=text[:64]) from None


def among(address: str, ranges: Collection[str]) -> bool:
    """Whether an address lies in one of the ranges; every address does where there is none, and an unknown in none."""
    if not ranges:
        return True
    found = _read(address)
    return found is not None and any(found in ip_network(one) for one in ranges)


def _read(address: str) -> IPv4Address | IPv6Address | None:
    """An address; one of IPv4 that came in the clothes of IPv6 is what it is."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
