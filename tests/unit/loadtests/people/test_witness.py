"""What each person of a rehearsal keeps of their day."""

from loadtests.people.witness import MARKED_SECONDS, UNSEEN_SECONDS, Stay, WitnessedPresence


def test_a_stretch_of_presence_is_what_is_certain() -> None:
    """A silence ends it at the last sign; after a reconnection it begins only when the service has marked for sure."""
    stay = Stay(number=1, asked=0.0, told=100.0, fresh=True)
    presence = WitnessedPresence(stay)
    presence.seen(120.0)
    presence.seen(120.0 + UNSEEN_SECONDS + 1)
    presence.end(200.0)
    presence.seen(300.0, surely=False)
    presence.end(320.0)
    presence.seen(400.0, surely=False)
    presence.end(401.0)
    assert stay.present == [(100.0, 120.0), (166.0, 200.0), (300.0 + MARKED_SECONDS, 320.0)]
