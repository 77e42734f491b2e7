"""Where a client is, as far as it can be known behind proxies."""

from __future__ import annotations

import ipaddress
from typing import Any

_FORWARDED_FOR = b"x-forwarded-for"
_IPV6_SITE_BITS = 64  # one subscriber has a whole /64 at least, and may change the rest at will


class Addresses:
    """Reads client addresses.

    Each proxy appends the address that it sees to `X-Forwarded-For`, so what stands `trusted_proxies` places from the
    right was written by the outermost proxy of ours; everything left of it is the client's own claim and is not looked
    at.

    Args:
        trusted_proxies: Proxies of ours before the edge.
    """

    def __init__(self, trusted_proxies: int = 0) -> None:
        self._trusted = trusted_proxies

    def of(self, scope: Any) -> str:
        """The client's address; of IPv6 the network; empty when it cannot be told."""
        peer = str(scope["client"][0]) if scope.get("client") else ""
        if self._trusted:
            values = [value for name, value in scope["headers"] if name.lower() == _FORWARDED_FOR]
            hops = b",".join(values).decode("latin-1").split(",") if values else []
            if len(hops) >= self._trusted:
                return normalise(hops[-self._trusted]) or normalise(peer)
        return normalise(peer)


def normalise(text: str) -> str:
    """An address as it is counted: IPv4 whole, IPv6 by its /64, empty for what is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:  # IPv4 with a port
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))


def is_public(address: str) -> bool:
    """Whether it is somebody's out there, rather than a proxy or a machine of our own network."""
    try:
        return bool(address) and ipaddress.ip_network(address).network_address.is_global
    except ValueError:
        return False
