"""The report of a rehearsal says what the books and the people say."""

import sqlalchemy as sa

from tests.integration.config.rehearsal.conftest import CAP, PEOPLE, Rehearsed, url_of


def test_the_report_says_what_the_books_say(rehearsed: Rehearsed) -> None:
    """Accepted, called and numbers are SQL's, and the page reaches no other host."""
    engine = sa.create_engine(url_of(rehearsed))
    with engine.connect() as conn:
        accepted = conn.scalar(sa.text("select count(*) from submission"))
        called = conn.scalar(sa.text("select count(*) from token where call is not null"))
        given = conn.scalar(sa.text("select sum(last - first + 1) from journal where kind = 'join'"))
    engine.dispose()
    figures = rehearsed.json["figures"]
    assert (figures["accepted"], figures["called"]) == (accepted, called)
    # Who pressed and left before a page or the feed had said the number has none on record.
    left = sum(int(str(many)) for end, many in rehearsed.json["ends"].items() if end.endswith(" left"))
    assert 0 <= given - figures["numbers"] <= left
    assert figures["people"] == PEOPLE
    assert figures["passed_present"] == 0
    assert (
        f"{accepted} demandes acceptées pour un plafond de {CAP}; {called} personnes appelées"
        in rehearsed.html
    )
    assert "Toutes les promesses ont été tenues" in rehearsed.html
    assert "http://" not in rehearsed.html.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in rehearsed.html
    assert len(rehearsed.html) < 300_000


def test_the_people_are_those_of_the_day(rehearsed: Rehearsed) -> None:
    """Phones are refused, of a family of seven one is accepted at most, robots only ask."""
    ends = rehearsed.json["ends"]
    assert {end for end in ends if end.startswith("phone")} == {"phone turned_away"}
    assert ends.get("family submitted", 0) in (0, 1)
    assert {end for end in ends if end.startswith("robot")} == {"robot robot"}
