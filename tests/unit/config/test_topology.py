"""How `REDIS_URL` names its servers."""

import pytest

from config.topology import PORTS, Servers, Topology, line_address, queue_address, topology


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("redis://h:1/2", Topology(Servers.ONE, "redis://h:1/2")),
        ("unix:///run/v.sock?db=1", Topology(Servers.ONE, "unix:///run/v.sock?db=1")),
        (
            "redis+sentinel://u:p%40@a:1,[::1]:2,c/line/3?sentinel_password=s&max_idle=4",
            Topology(
                Servers.SENTINEL,
                "redis://u:p%40@server/3?max_idle=4",
                (("a", 1), ("::1", 2), ("c", 26379)),
                "line",
                {"password": "s"},
            ),
        ),
        ("rediss+sentinel://a/line", Topology(Servers.SENTINEL, "rediss://server", (("a", 26379),), "line")),
        ("redis+cluster://a:1,b", Topology(Servers.CLUSTER, "redis://server", (("a", 1), ("b", 6379)))),
        ("rediss+cluster://:p@a/", Topology(Servers.CLUSTER, "rediss://:p@server", (("a", 6379),))),
    ],
)
def test_an_address_names_one_server_sentinels_or_a_cluster(address: str, expected: Topology) -> None:
    """What each form says, with user, password, database and options where they always stand."""
    assert topology(address) == expected


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://h", "must begin with"),
        ("redis+cluster://a:1/2", "a Cluster has no databases"),
        ("redis+sentinel://a:1", "must name the service"),
        ("redis+sentinel://a:1/line/x", "must name the service"),
        ("redis+cluster://a:99999", "host:port"),
    ],
)
def test_an_address_that_says_too_little_or_too_much_is_refused(address: str, says: str) -> None:
    """With what it must look like."""
    with pytest.raises(ValueError, match=says):
        line_address(address)


def test_the_queue_is_no_cluster() -> None:
    """RQ's scripts name keys of several slots; Sentinels are as good as one server."""
    assert queue_address("redis+sentinel://s/queue/") == "redis+sentinel://s/queue"
    with pytest.raises(ValueError, match="must not be a Cluster"):
        queue_address("redis+cluster://a:1")


def test_every_kind_with_several_servers_has_a_port_of_its_own() -> None:
    """What an address leaves out."""
    assert set(PORTS) == set(Servers) - {Servers.ONE}
