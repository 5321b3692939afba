"""Addresses of other servers that people type: none may lead into a private network that the admin did not list.

Whoever connects later must pin the address it resolves and refuse redirects; this refuses early, with a sentence.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from librephotos.errors import BadInput
from librephotos.settings import Settings

BAD_URL: Final = "Enter a valid URL."
PRIVATE: Final = (
    "This address leads to a private network; an admin can allow its host by LIBREPHOTOS_PRIVATE_HOSTS."
)
RESOLVE_SECONDS: Final = 3
# Addresses of IPv4 behind a translator (RFC 6052).
_TRANSLATED: Final = ip_network("64:ff9b::/96")


async def refuse_private_address(settings: Settings, field: str, url: str) -> None:
    """Raise BadInput when `url` is no web address or its host is, or resolves to, a private address."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadInput.of(field, BAD_URL) from None
    # A zone of IPv6 is this machine's own network, and nothing that a resolver takes in this spelling.
    if parts.scheme not in ("http", "https") or not host or "%" in host or parts.username is not None:
        raise BadInput.of(field, BAD_URL)
    if is_listed(settings, host):
        return
    if any(not is_public(address) for address in await _resolve(host)):
        raise BadInput.of(field, PRIVATE)


def is_listed(settings: Settings, host: str) -> bool:
    """Tell whether the admin allows this host, wherever its name leads."""
    return host.lower() in {name.strip().lower() for name in settings.private_hosts.split(",")} - {""}


def is_public(address: str) -> bool:
    """Tell whether an address, and one that it stands for, is of the public network."""
    parsed = ip_address(address.partition("%")[0])
    meant = _embedded(parsed) if isinstance(parsed, IPv6Address) else None
    if meant is not None:
        parsed = meant
    return parsed.is_global and not parsed.is_multicast


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


async def _resolve(host: str) -> list[str]:
    """Return the host's addresses; none when the name is not known now, as it can't be reached either."""
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [str(entry[4][0]) for entry in found]
