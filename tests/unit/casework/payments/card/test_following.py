"""When an attempt is asked about though nobody came back."""

from casework.payments.card.following import MINUTE_MS, next_look

DAY = 24 * 60


def test_after_a_quarter_of_an_hour_some_hours_and_then_each_day() -> None:
    began, looks, now = 5 * MINUTE_MS, [], 5 * MINUTE_MS
    for _ in range(7):
        now = next_look(began, now)
        looks.append((now - began) // MINUTE_MS)
    assert looks == [15, 65, 180, DAY, 2 * DAY, 3 * DAY, 4 * DAY]


def test_after_an_outage_the_next_one_counts() -> None:
    assert next_look(0, 200 * MINUTE_MS) == DAY * MINUTE_MS
    assert next_look(0, (5 * DAY + 1) * MINUTE_MS) == 6 * DAY * MINUTE_MS
