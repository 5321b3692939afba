"""Where a request came from: client address, scheme and host, believing forwarding headers of trusted proxies only."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import msgspec

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Origin(msgspec.Struct, frozen=True):
    """`base` is scheme and host without a closing slash, as the caller (or the trusted proxy) named them."""

    base: str
    is_https: bool
    address: str


class Proxies:
    """The networks whose `X-Forwarded-*` headers count."""

    def __init__(self, networks: str) -> None:
        """Read a comma list of addresses and networks. Raises ValueError for one that is neither."""
        self.networks: list[Network] = [
            ip_network(part.strip()) for part in networks.split(",") if part.strip()
        ]

    def link_base(self, scope: Any) -> str:  # an ASGI scope
        """Return the absolute address of the request's path with a closing slash, for links between pages."""
        return f"{self.origin(scope).base}{scope['path'].rstrip('/')}/"

    def is_trusted(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self.networks)

    def address(self, scope: Any) -> str:  # an ASGI scope
        """Return the client's address alone, which without proxies is the peer's: cheap enough for every request."""
        if self.networks:
            return self.origin(scope).address
        client = scope.get("client")
        return client[0] if client else ""

    def origin(self, scope: Any) -> Origin:  # an ASGI scope
        client = scope.get("client")
        address = client[0] if client else ""
        scheme, host, forwarded_for = scope.get("scheme", "http"), "", ""
        forwarded_host = forwarded_scheme = ""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            elif name == b"x-forwarded-for":
                forwarded_for = f"{forwarded_for},{value.decode('latin-1')}"
            elif name == b"x-forwarded-proto":
                forwarded_scheme = value.decode("latin-1").split(",")[-1].strip().lower()
            elif name == b"x-forwarded-host":
                forwarded_host = value.decode("latin-1").split(",")[-1].strip()
        if self.networks and self.is_trusted(address):
            scheme = forwarded_scheme if forwarded_scheme in ("http", "https") else scheme
            host = forwarded_host or host
            address = self._client(forwarded_for, address)
        server = scope.get("server") or ("localhost", None)
        return Origin(f"{scheme}://{host or server[0]}", scheme == "https", address)

    def _client(self, forwarded_for: str, address: str) -> str:
        """Return the last hop that is no trusted proxy; what stands before it could be forged."""
        for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
            if _parsed(hop) is None:
                return address
            address = hop
            if not self.is_trusted(hop):
                return address
        return address


@lru_cache(maxsize=1024)
def _parsed(address: str) -> Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return mapped or parsed
