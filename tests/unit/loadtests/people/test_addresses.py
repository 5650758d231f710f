"""Loopback addresses of one's own."""

import ipaddress
import socket

from loadtests.people.addresses import BIND_ADDRESS_NO_PORT, own_address


def test_sixty_thousand_have_an_address_each_far_from_their_neighbours() -> None:
    """So that no limit of an address or a network counts them together."""
    found = [own_address(place) for place in range(60_000)]
    assert len(set(found)) > 59_000
    assert all(ipaddress.ip_address(one).is_loopback for one in found[::97])
    assert found[0].rpartition(".")[0] != found[1].rpartition(".")[0]


def test_a_port_is_chosen_when_the_whole_address_is_known() -> None:
    """Two connections to one place may then share a port of two addresses."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as one:
        one.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
        one.bind((own_address(3), 0))
        assert one.getsockname()[1] == 0
        one.connect(listener.getsockname())
        assert one.getsockname()[1] > 0
