"""Who asks: the address by which turns, places and connections are shared out."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

ONE_CLIENT = 64  # bits of an IPv6 address: of a network of so many anybody may have all


def networks(texts: tuple[str, ...]) -> Networks:
    """Addresses and networks, as `settings` has checked them."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def address_of(environ: Mapping[str, Any], trusted: Networks) -> str:
    """Who asks, by a WSGI environ: what proxies we trust say of it, else who is connected.

    From the right, the first address of X-Forwarded-For that is no trusted proxy; what stands
    left of it anybody may have written.
    """
    seen = str(environ.get("REMOTE_ADDR", ""))
    told = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while told and is_in(seen, trusted):
        nearest = told.pop().strip()
        if _read(nearest) is None:
            break
        seen = nearest
    return client_of(seen)


def client_of(text: str) -> str:
    """The client that an address stands for: an IPv6 one, for its whole network."""
    address = _read(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address) >> ONE_CLIENT << ONE_CLIENT, ONE_CLIENT)))
    return text if address is None else str(address)


def is_in(text: str, some: Networks) -> bool:
    """Is this an address in one of these networks?"""
    address = _read(text) if some else None
    return address is not None and any(address in network for network in some)


def _read(text: str) -> Address | None:
    """The address, None where this is none; one of IPv4 also where IPv6 spells it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
