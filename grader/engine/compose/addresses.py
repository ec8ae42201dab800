"""A stack's fixed addresses, moved out of the way of another network wherever the stack names them."""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network
from random import SystemRandom
from typing import Any, Final

TAKEN: Final = "Pool overlaps with other one on this address space"
"""What the engine says where another network has them."""
_IPV4: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_FREE: Final = IPv4Network("10.128.0.0/9")
_BITS: Final = 32


def choose(prefix: int) -> IPv4Network:
    """Some network of a size, which is probably free.

    Args:
        prefix: bits of its prefix; more than those of ``10.128.0.0/9``.
    """
    number = SystemRandom().randrange(1 << (prefix - _FREE.prefixlen))
    return IPv4Network((int(_FREE.network_address) + (number << (_BITS - prefix)), prefix))


def moved(
    model: Mapping[str, Any], choose: Callable[[int], IPv4Network] = choose
) -> tuple[dict[str, Any], dict[IPv4Network, IPv4Network]]:
    """Give each network with addresses of its own others, and put those in the place of the old ones in every value.

    Args:
        model: the compose file that is run.
        choose: gives a network for a length of prefix.

    Returns:
        The new one; and which networks have moved where.
    """
    moves: dict[IPv4Network, IPv4Network] = {}
    for about in model["networks"].values():
        for one in (about.get("ipam") or {}).get("config") or ():
            if one.get("subnet"):
                subnet = IPv4Network(one["subnet"], strict=False)
                moves[subnet] = choose(subnet.prefixlen)

    def put(match: re.Match[str]) -> str:
        try:
            address = IPv4Address(match[0])
        except ValueError:
            return match[0]
        for old, new in moves.items():
            if address in old:
                return str(new[int(address) - int(old.network_address)])
        return match[0]

    def everywhere(value: Any) -> Any:
        if isinstance(value, str):
            return _IPV4.sub(put, value)
        if isinstance(value, Mapping):
            return {key: everywhere(one) for key, one in value.items()}
        return [everywhere(one) for one in value] if isinstance(value, list | tuple) else value

    return everywhere(model), moves
