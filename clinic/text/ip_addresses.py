"""Network addresses: where a request comes from, in one form, and whose tries are counted together. Pure.

A proxy may write the port behind the address (Azure does), and every connection has another port.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import takewhile

#: What an address that can't be read stands as: all of these are one.
UNREADABLE = "unreadable"
#: Characters of the longest address, an IPv4 one within IPv6.
IP_ADDRESS_MAX = 45
#: A company or a rented server has a network of this size.
IPV6_SITE = 48
#: Providers give a household a network of this size, and each device in it changes its address at will (RFC 8981).
IPV6_HOUSEHOLD = 64

_WITH_PORT = re.compile(r'"?(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]*)?"?', re.ASCII)


def canonical(text: str | None) -> str:
    """Return an address without its port and zone, an IPv4 one that is mapped into IPv6 as itself.

    >>> canonical("198.51.100.77:40001"), canonical("[2001:DB8::1]:443"), canonical("::ffff:198.51.100.77")
    ('198.51.100.77', '2001:db8::1', '198.51.100.77')
    """
    plain = (text or "").strip()
    bare = _WITH_PORT.fullmatch(plain)
    try:
        found: IPv4Address | IPv6Address = ip_address(
            (bare["six"] or bare["four"] or "" if bare else plain).partition("%")[0]
        )
    except ValueError:
        return UNREADABLE
    return str(getattr(found, "ipv4_mapped", None) or found)


def is_of_this_machine(address: str | None) -> bool:
    """Return whether an address is one by which a machine reaches itself.

    >>> is_of_this_machine("127.0.0.1"), is_of_this_machine("::1"), is_of_this_machine("10.0.0.1")
    (True, True, False)
    """
    plain = canonical(address)
    return plain != UNREADABLE and ip_address(plain).is_loopback


def household(address: str) -> str:
    """Return what the tries from an address are counted by: the address, or the network of an IPv6 one.

    >>> household("2001:db8::1"), household("198.51.100.77")
    ('2001:db8::/64', '198.51.100.77')
    """
    plain = canonical(address)
    return str(ip_network(f"{plain}/{IPV6_HOUSEHOLD}", strict=False)) if ":" in plain else plain


def site(network: str) -> str | None:
    """Return the larger network that an IPv6 one of ``household`` lies in, None for anything else.

    >>> site("2001:db8:1:2::/64"), site("198.51.100.77")
    ('2001:db8:1::/48', None)
    """
    return str(ip_network(network).supernet(new_prefix=IPV6_SITE)) if ":" in network else None


def beginning_of_site(site: str) -> str:
    """Return what every household's network within a ``site`` begins with, as text; others may begin so, too.

    >>> beginning_of_site("2001:db8:1::/48"), beginning_of_site("2001:db8::/48")
    ('2001:db8:1:', '2001:db8:')
    """
    groups = ip_network(site).network_address.exploded.split(":")[: IPV6_SITE // 16]
    written = takewhile(bool, (group.lstrip("0") for group in groups))
    return "".join(f"{group}:" for group in written)
