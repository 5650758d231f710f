"""One process of the people of a rehearsal: where they come from, and how it is asked for."""

import ipaddress
import ssl
from pathlib import Path

from loadtests.journey.accounts import AccountPattern
from loadtests.people.throng import Throng, parse


def arguments(*more: str) -> list[str]:
    return [
        "--url", "http://127.0.0.1:8000", "--people", "300", "--cap", "30", "--time-scale", "20", "--calls-per-minute",
        "600", "--token-seconds", "30", "--seed", "1", "--share", "1/4", "--begin", "10", "--wall", "1000", "--folder",
        "somewhere", "--accounts-file", "-", *more,
    ]  # fmt: skip


async def test_everybody_has_an_address_of_their_own() -> None:
    """But for one in a thousand; neighbours are in other networks, so that nobody is limited for them."""
    throng = Throng(parse(arguments("--addresses")), AccountPattern("a-%d", "p", ()))
    found = [throng.address(place) for place in range(5_000)]
    hosts = [ipaddress.ip_address(one[0]) for one in found if one is not None]
    assert len(set(hosts)) > 4_990
    assert all(host.is_loopback for host in hosts)
    assert ipaddress.ip_network(f"{hosts[0]}/24", strict=False) != ipaddress.ip_network(
        f"{hosts[1]}/24", strict=False
    )


async def test_without_addresses_there_is_one() -> None:
    """As on a machine whose loopback has one address only."""
    throng = Throng(parse(arguments()), AccountPattern("a-%d", "p", ()))
    assert throng.address(7) is None
    assert (throng.share, throng.shares, throng.netloc) == (1, 4, "127.0.0.1:8000")
    assert throng.wall == 990.0


async def test_it_is_over_when_everybody_has_come_and_gone() -> None:
    """And not before somebody has come."""
    throng = Throng(parse(arguments()), AccountPattern("a-%d", "p", ()))
    throng.coming = 1
    throng.end_if_empty()
    assert not throng.done.is_set()
    throng.coming = 0
    throng.end_if_empty()
    assert throng.done.is_set()
    assert parse(arguments()).folder == Path("somewhere")


async def test_over_tls_certificates_are_looked_at() -> None:
    """Of an https address, by the system's authorities, on its own port; a plain one has none."""
    plain = Throng(parse(arguments()), AccountPattern("a-%d", "p", ()))
    over = Throng(
        parse([*arguments(), "--url", "https://essai.example.org"]), AccountPattern("a-%d", "p", ())
    )
    assert (plain.tls, plain.port) == (None, 8000)
    assert over.tls is not None
    assert (over.tls.verify_mode, over.tls.check_hostname, over.port) == (ssl.CERT_REQUIRED, True, 443)
