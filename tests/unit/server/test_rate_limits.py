"""Token buckets fill again with time, and say truly when there is a token."""

import pytest

from foundation.errors import Refusal
from server.rate_limits import Bucket, Buckets, Rate, around, filled, spend, wait_seconds

SLOW = Rate(3, 0.5)


@pytest.mark.parametrize(
    ("bucket", "now", "left"),
    [(None, 0, 3), (Bucket(0, 10), 10, 0), (Bucket(0, 10), 12, 1), (Bucket(2.5, 10), 14, 3), (Bucket(1, 10), 9, 1),
     (Bucket(3, 0), 1e9, 3)],
)  # fmt: skip
def test_a_bucket_fills_with_time_up_to_its_edge(bucket: Bucket | None, now: float, left: float) -> None:
    """Unknown ones are full; a clock that went back fills nothing."""
    assert filled(bucket, SLOW, now) == left


@pytest.mark.parametrize(("left", "seconds"), [(3, 0), (1, 0), (0.75, 0.5), (0, 2), (-1, 4)])
def test_the_wait_is_until_there_is_one(left: float, seconds: float) -> None:
    """In seconds; nothing to wait for while there is one."""
    assert wait_seconds(left, SLOW) == seconds


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::/64", "2001:db8:1::/48"), ("local", "local"),
     ("2001:db8:1:ffff::/64", "2001:db8:1::/48"), ("", "")],
)  # fmt: skip
def test_the_network_around_an_address(address: str, network: str) -> None:
    """A /24 or a /48; what is no address is alone."""
    assert around(address) == network


def test_one_of_each_or_of_none() -> None:
    """A request that is refused by one bucket takes nothing from the others, and is told when all have one."""
    address, network = Buckets(Rate(5, 1)), Buckets(Rate(1, 0.1))
    asked = [(address, "192.0.2.1"), (network, "192.0.2.0/24")]
    spend(asked, now=0.0)
    with pytest.raises(Refusal) as refused:
        spend(asked, now=0.0)
    assert refused.value.fields == {"retry_after": 10}
    assert address.wait("192.0.2.1", now=0.0) == 0.0
    assert sum(address.take("192.0.2.1", 0.0) == 0.0 for _ in range(9)) == 4


def test_the_longest_unused_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; a forgotten bucket is full again (fails open)."""
    monkeypatch.setattr("server.rate_limits.MOST_BUCKETS", 2)
    buckets = Buckets(Rate(1, 0.001))
    for key in ("a", "b", "c"):
        assert buckets.take(key, 0.0) == 0.0
    assert buckets.wait("a", 0.0) == 0.0
    assert buckets.wait("c", 0.0) > 0.0
