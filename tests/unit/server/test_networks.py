"""Inside or outside: by address, and by whom a proxy brings."""

import ipaddress
from typing import Any

import pytest

from server.networks import INTERNAL, Callers, Networks

PROXY = "192.0.2.9"


def asks(client: str | None, **headers: str) -> dict[str, Any]:
    """The scope of a request from this address; header names with underscores for hyphens."""
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"client": (client, 50_000) if client else None, "headers": pairs}


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("10.1.2.3", True), ("172.16.0.1", True),
        ("172.31.255.255", True), ("192.168.9.9", True), ("fd12::1", True), ("fe80::1%eth0", True),
        ("169.254.1.1", True), ("::ffff:10.0.0.1", True),
        ("203.0.113.9", False), ("172.32.0.1", False), ("2001:db8::1", False), ("::ffff:203.0.113.9", False),
        ("100.64.0.1", False), ("unknown", False), ("", False), ("10.0.0.1:80", False),
    ],
)  # fmt: skip
def test_this_machine_and_private_networks_are_inside(address: str, inside: bool) -> None:
    """Everything else is outside, also what is no address."""
    assert Networks(INTERNAL).have(address) is inside


def test_no_public_network_is_inside() -> None:
    """Each of the list is one that the Internet does not carry."""
    assert all(ipaddress.ip_network(one).is_private for one in INTERNAL)


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (asks("10.0.0.7"), True),
        (asks("203.0.113.9"), False),
        (asks(None), True),
        (asks("unknown"), False),
        # The server has taken the client from what a proxy that is believed says: it stands in the scope.
        (asks("203.0.113.9", x_forwarded_for="203.0.113.9"), False),
        (asks("10.0.0.7", x_forwarded_for="10.0.0.7"), True),
        (asks("10.0.0.7", x_forwarded_for="203.0.113.9, 10.0.0.7"), True),
        (asks("10.0.0.7", x_forwarded_for=f"10.0.0.7, {PROXY}"), True),
        (asks("fd12::1", x_forwarded_for="[fd12::1]:4711"), True),
        (asks("10.0.0.7", x_forwarded_for="10.0.0.7:4711"), True),
        # One that is not believed stands there itself: whom it brings is not inside, whatever they claim.
        (asks("10.0.0.5", x_forwarded_for="203.0.113.9"), False),
        (asks("10.0.0.5", x_forwarded_for="10.0.0.5, 203.0.113.9"), False),
        (asks("127.0.0.1", x_forwarded_for=""), False),
        (asks("127.0.0.1", forwarded="for=203.0.113.9"), False),
        (asks("127.0.0.1", x_real_ip="203.0.113.9"), False),
        # The proxy's own check brings nobody.
        (asks(PROXY), True),
    ],
    ids=str,
)  # fmt: skip
def test_whoever_a_proxy_brings_is_where_they_are(scope: dict[str, Any], inside: bool) -> None:
    """Not where the proxy is."""
    assert Callers((*INTERNAL, PROXY), (PROXY,)).include(scope) is inside


def test_by_the_proxys_address_alone_the_world_would_be_inside() -> None:
    """Twin: the address in the scope of somebody whom an unknown proxy brings is an internal one."""
    assert Networks(INTERNAL).have(asks("10.0.0.5", x_forwarded_for="203.0.113.9")["client"][0])
