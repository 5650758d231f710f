"""The listening socket that web processes share."""

import socket

WAITING_CONNECTIONS = 65_535
"""Connections that the kernel holds while all processes are busy, as far as it may: Linux takes the lesser of this and
`net.core.somaxconn`, 4,096 unless somebody raised it (`docs/operations.md`). What does not fit is told nothing: its
client asks again after one second, three, seven."""


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes any free one. OSError when it is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(WAITING_CONNECTIONS)
    except OSError:
        listener.close()
        raise
    return listener
