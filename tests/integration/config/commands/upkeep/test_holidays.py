"""`guichet holiday`: entered by one, confirmed by another who knows what moves."""

from datetime import timedelta

import msgspec

from foundation.calendar.closures import PUBLIC_SERVICE
from foundation.calendar.proclaimed import proclaimed_day
from foundation.outbox import task
from tests.integration.config.commands.shell import GOOD_KEY, add_staff, guichet, one_sentence, rows
from tests.support.desks import today


def test_a_day_takes_two_people_and_the_number_of_moves(sqlite_url: str) -> None:
    """Its author is refused, and so is whoever saw another number."""
    day = PUBLIC_SERVICE.next_open(today() + timedelta(days=7)).isoformat()
    for name in ("jeanne", "luc"):
        add_staff(sqlite_url, name)

    one_sentence(
        guichet("holiday", "enter", "2026-02-30", "--name", "x", "--as", "jeanne", url=sqlite_url), "no day"
    )
    entered = guichet(
        "holiday", "enter", day, "--name", "un deuil", "--as", "jeanne", url=sqlite_url, SECRET_KEYS=GOOD_KEY
    )
    assert entered.exit_code == 0, entered.stderr
    assert "0 open deadlines" in entered.stderr
    confirm = ("holiday", "confirm", day, "--as")
    for who, moves, word in (("jeanne", "0", "second_person_needed"), ("luc", "7", "not 7")):
        refused = guichet(*confirm, who, "--moves", moves, url=sqlite_url, SECRET_KEYS=GOOD_KEY)
        assert refused.exit_code == 1
        assert word in refused.stderr
    done = guichet(*confirm, "luc", "--moves", "0", url=sqlite_url, SECRET_KEYS=GOOD_KEY)
    assert done.exit_code == 0, done.stderr
    (row,) = rows(sqlite_url, proclaimed_day)
    assert (row.author, row.approver) == ("jeanne", "luc")
    assert [one.kind for one in rows(sqlite_url, task)] == ["deadlines_move"]
    (line,) = guichet("holiday", "list", url=sqlite_url).stdout.splitlines()
    assert msgspec.json.decode(line)["is_holiday"] is True
