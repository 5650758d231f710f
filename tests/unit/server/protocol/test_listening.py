"""The listening socket: any free port for 0, and an address in use is said."""

import pytest

from server.protocol.listening import listening_socket


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_port_zero_takes_a_free_one(host: str) -> None:
    """On both families."""
    with listening_socket(host, 0) as listener:
        assert listener.getsockname()[1] > 0


def test_an_address_in_use_is_an_os_error() -> None:
    """And the socket that could not have it is closed."""
    with listening_socket("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        listening_socket("127.0.0.1", listener.getsockname()[1])
