"""Events without a listener are forgotten."""

from foundation.events import Events


def test_events_without_a_listener_are_forgotten() -> None:
    """Tools and tests that need no figures pass the plain one."""
    events = Events()
    events.count("calls", 3, period="demo")
    events.level("sockets", 2.0)
    events.took("tick", 0.1)
    events.took_all("tick", [0.1, 0.2])
    assert vars(events) == {}
