"""A whole intake in seconds: everybody's own record agrees with the books, and a record that does not is found out."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from config.rehearsal.rehearse import look
from config.rehearsal.testimony import PeoplesFindings, hear
from evidence.books import Books
from loadtests.people.rehearsal import records
from loadtests.people.witness import Records, Stay, Witness

PEOPLE, CAP = 150, 12

SECONDS = 400.0


def rehearse(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "-m", "config", "rehearse", *arguments],
        env=environ | settings, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


class Rehearsed(msgspec.Struct):
    folder: Path
    status: int
    said: str
    html: str
    json: dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """One small rehearsal for the tests of this file, and what it left."""
    folder = tmp_path_factory.mktemp("rehearsal")
    report, figures, kept = folder / "report.html", folder / "figures.json", folder / "kept"
    done = rehearse(
        "--people", str(PEOPLE), "--cap", str(CAP), "--time-scale", "120", "--report", str(report),
        "--json", str(figures), "--keep", str(kept),
    )  # fmt: skip
    assert report.exists(), done.stderr
    yield Rehearsed(
        kept, done.returncode, done.stdout + done.stderr, report.read_text(), json.loads(figures.read_text())
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def books(rehearsed: Rehearsed) -> Books:
    return asyncio.run(look(url_of(rehearsed), "demo"))[0]


def url_of(rehearsed: Rehearsed) -> str:
    return f"sqlite:///{rehearsed.folder / 'data' / 'guichet.db'}"


def test_an_intake_fills_its_cap_exactly_and_every_promise_holds(rehearsed: Rehearsed) -> None:
    """The command ends with 0, and nothing of it is left running."""
    assert rehearsed.status == 0, rehearsed.said
    assert "every promise held" in rehearsed.said
    assert rehearsed.json["figures"]["accepted"] == CAP
    pids = json.loads((rehearsed.folder / "data" / "pids.json").read_text())
    assert not any(pids.values())


def test_the_report_says_what_the_books_say(rehearsed: Rehearsed) -> None:
    """Accepted, called and numbers are SQL's, and the page reaches no other host."""
    engine = sa.create_engine(url_of(rehearsed))
    with engine.connect() as conn:
        accepted = conn.scalar(sa.text("select count(*) from submission"))
        called = conn.scalar(sa.text("select count(*) from token where call is not null"))
        given = conn.scalar(sa.text("select sum(last - first + 1) from journal where kind = 'join'"))
    engine.dispose()
    figures = rehearsed.json["figures"]
    assert (figures["accepted"], figures["called"], figures["numbers"]) == (accepted, called, given)
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


def first(people: list[Witness], outcome: str) -> Witness:
    return next(witness for witness in people if witness.outcome == outcome and witness.kind == "candidate")


def lose_a_receipt(people: list[Witness]) -> None:
    first(people, "submitted").receipt = "R-0000"


def another_rank(people: list[Witness]) -> None:
    first(people, "submitted").rank = CAP + 1


def was_told_nothing(people: list[Witness]) -> None:
    people.remove(first(people, "submitted"))


def the_same_number_twice(people: list[Witness]) -> None:
    some = [witness for witness in people if witness.stays]
    some[0].stays[0].number = some[1].stays[0].number


def a_later_join_has_a_lower_number(people: list[Witness]) -> None:
    stays = sorted((stay for one in people for stay in one.stays if stay.fresh), key=lambda stay: stay.told)
    stays[0].number, stays[-1].number = stays[-1].number, stays[0].number


def somebody_was_passed(people: list[Witness]) -> None:
    """One more was there from the beginning, with the lowest number of all, and was never called."""
    began = min(witness.came for witness in people) - 60
    stay = Stay(number=0, asked=began, told=began, fresh=False, present=[(began, began + 3600)])
    people.append(Witness(index=-1, kind="candidate", account=0, came=began, stays=[stay], outcome="left"))


def the_cap_was_no_end(people: list[Witness]) -> None:
    submitted = first(people, "submitted")
    first(people, "quota_reached").number = submitted.number


def called_by_nobody(people: list[Witness]) -> None:
    first(people, "quota_reached").stays[-1].called = 1.0


def a_phone_got_in(people: list[Witness]) -> None:
    phone = next(witness for witness in people if witness.kind == "phone")
    phone.stays.append(Stay(number=10**6, asked=0.0, told=0.0, fresh=False))


def two_of_a_family(people: list[Witness]) -> None:
    one, other = [witness for witness in people if witness.outcome == "submitted"][:2]
    one.account = other.account


def somebody_failed(people: list[Witness]) -> None:
    first(people, "quota_reached").outcome = "failed"


def refused_without_reason(people: list[Witness]) -> None:
    someone = first(people, "quota_reached")
    someone.outcome, someone.code = "refused", "not_allowed"


def never_told_the_end(people: list[Witness]) -> None:
    first(people, "quota_reached").outcome = None


TAMPERED: dict[str, tuple[Callable[[list[Witness]], None], str]] = {
    "a receipt is not in the books": (lose_a_receipt, "P3"),
    "a rank is another": (another_rank, "P3"),
    "an accepted one was told nothing": (was_told_nothing, "P3"),
    "a number was given twice": (the_same_number_twice, "P1"),
    "a later join has a lower number": (a_later_join_has_a_lower_number, "P1"),
    "somebody present was passed": (somebody_was_passed, "P7"),
    "somebody accepted was told that it was over": (the_cap_was_no_end, "P7"),
    "a call is in no book": (called_by_nobody, "P6"),
    "a phone has a number": (a_phone_got_in, "DV-02"),
    "an account was accepted twice": (two_of_a_family, "P4"),
    "a journey failed": (somebody_failed, "P1 à P9"),
    "a refusal nobody expects": (refused_without_reason, "P9"),
    "somebody is still there": (never_told_the_end, "P8"),
}


def heard(people: list[Witness], books: Books) -> PeoplesFindings:
    return hear(people, books, complete=True)


@pytest.mark.parametrize("how", list(TAMPERED))
def test_a_record_that_disagrees_is_found_out(rehearsed: Rehearsed, books: Books, how: str) -> None:
    """One changed record breaks the promise that it is about; the records as they were break none."""
    tamper, promise = TAMPERED[how]
    people = records(rehearsed.folder)
    assert heard(people, books).held
    tamper(people)
    hearing = heard(people, books)
    assert promise in {finding.promise for finding in hearing.findings if not finding.holds}


def test_a_cap_that_was_not_met_breaks_the_rehearsal(rehearsed: Rehearsed, books: Books) -> None:
    """One place left over is one too many; so is a rehearsal that had to be stopped."""
    people = records(rehearsed.folder)
    period = msgspec.structs.replace(books.period, cap=CAP + 1)
    assert not heard(people, msgspec.structs.replace(books, period=period)).held
    assert not hear(people, books, complete=False).held


def test_a_kept_rehearsal_is_judged_again(rehearsed: Rehearsed, tmp_path: Path) -> None:
    """`--again` comes to the same end; with a receipt lost from a record and somebody passed, to exit status 1."""
    kept = tmp_path / "kept"
    shutil.copytree(rehearsed.folder, kept)
    assert rehearse("--again", str(kept)).returncode == 0
    (path,) = kept.glob("people-*.json")
    people = msgspec.json.decode(path.read_bytes(), type=Records).people
    lose_a_receipt(people)
    somebody_was_passed(people)
    path.write_bytes(msgspec.json.encode(Records(people=people)))
    report = tmp_path / "report.html"
    done = rehearse("--again", str(kept), "--report", str(report))
    assert done.returncode == 1, done.stderr
    assert "BROKEN" in done.stdout
    html = report.read_text()
    assert "Une promesse n’a pas été tenue" in html
    assert "accusé absent des livres" in html
    assert "devant 1 personne(s) présente(s), dont le numéro 0" in html


@pytest.mark.parametrize("missing", ["DATABASE_URL", "--accounts-file"])
def test_a_running_instance_needs_its_books_and_its_accounts(missing: str) -> None:
    """Without them there is nothing to hold the records against: one sentence, exit status 1."""
    arguments = ["--url", "http://127.0.0.1:9", "--people", "20"]
    if missing == "DATABASE_URL":
        done = rehearse(*arguments, "--accounts-file", "/dev/null")
    else:
        done = rehearse(*arguments, DATABASE_URL="sqlite:///nowhere.db")
    assert done.returncode == 1
    assert done.stderr.startswith("A running instance needs --accounts-file")


def test_an_instance_behind_tls_is_for_locust() -> None:
    """One sentence says so, before anybody comes."""
    done = rehearse(
        "--url", "https://essai.example.org", "--accounts-file", "/dev/null", DATABASE_URL="sqlite:///a.db"
    )
    assert (done.returncode, "needs Locust" in done.stderr) == (1, True)
