"""A whole intake in seconds: everybody's own record agrees with the books, and a record that does not is found out."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from loadtests.people.witness import Records
from tests.integration.config.rehearsal.conftest import CAP, PEOPLE, Rehearsed, rehearse
from tests.integration.config.rehearsal.test_testimony import lose_a_receipt, somebody_was_passed


def test_an_intake_fills_its_cap_exactly_and_every_promise_holds(rehearsed: Rehearsed) -> None:
    """The command ends with 0, and nothing of it is left running."""
    assert rehearsed.status == 0, rehearsed.said
    assert "every promise held" in rehearsed.said
    assert rehearsed.json["figures"]["accepted"] == CAP
    pids = json.loads((rehearsed.folder / "data" / "pids.json").read_text())
    assert not any(pids.values())


def test_some_have_no_account_register_first_and_submit(rehearsed: Rehearsed) -> None:
    """By themselves: registered, confirmed, filled in, saved, a conflict met; the report says how many submitted."""
    new = rehearsed.json["figures"]["newcomers"]
    assert isinstance(new, dict)
    assert (new["asked"], new["prepared"], new["broken"], new["refused"]) == (3, 3, 0, {}), rehearsed.said
    assert 0 <= new["submitted"] <= 3  # whether they are called before the last place is theirs to find out
    assert "Personnes sans compte" in rehearsed.html and "3 had no account: 3 registered" in rehearsed.said


@pytest.mark.slow
def test_newcomers_submit_as_everybody_does(tmp_path: Path) -> None:
    """With no more people than places those who registered first are called, and submit."""
    figures = tmp_path / "figures.json"
    done = rehearse("--people", "40", "--cap", "40", "--time-scale", "120", "--whole", "0", "--newcomers", "0.3",
                    "--json", str(figures))  # fmt: skip
    new = json.loads(figures.read_text())["figures"]["newcomers"]
    assert (new["asked"], new["prepared"], new["broken"]) == (12, 12, 0), done.stdout
    assert new["submitted"] >= 1, done.stdout


@pytest.mark.slow
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


def test_everybody_arrives_whole_as_far_as_the_machine_bears(rehearsed: Rehearsed) -> None:
    """All but the robot of a rehearsal this small, and the report says so: how many, and what each of it took."""
    arrival = rehearsed.json["figures"]["arrival"]
    assert isinstance(arrival, dict)
    assert (arrival["share"], arrival["people"]) == (1.0, PEOPLE - 1)
    assert 0.8 * PEOPLE < arrival["arrived"] < PEOPLE
    assert arrival["requests"] >= 6
    assert arrival["ms"]["page"]["count"] >= PEOPLE - 1
    assert set(arrival["ms"]) == {"page", "file", "button", "place", "number", "feed"}
    assert all(took["p50"] <= took["p95"] <= took["p99"] for took in arrival["ms"].values())
    assert "personnes sont arrivées avec pages et fichiers" in rehearsed.html
    assert "arrived whole, with pages and files" in rehearsed.said


@pytest.mark.slow
@pytest.mark.parametrize(("share", "least", "most"), [("0.5", 20, 60), ("0", 0, 0)])
def test_a_share_arrives_whole_and_every_promise_holds(
    share: str, least: int, most: int, tmp_path: Path
) -> None:
    """The others begin with the call for a number; with none of them there is nothing to say of arrivals."""
    figures, report = tmp_path / "figures.json", tmp_path / "report.html"
    done = rehearse(
        "--people", "80", "--cap", "6", "--time-scale", "120", "--whole", share, "--json", str(figures), "--report",
        str(report),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads(figures.read_text())
    arrival = found["figures"]["arrival"]
    assert f"--whole={share}" in found["command"]
    assert arrival["share"] == float(share)
    assert least <= arrival["people"] <= most
    assert (arrival["ms"] == {}) is (share == "0")
    assert ("arrivées avec pages et fichiers" in report.read_text()) is (share != "0")


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:9", "http://127.0.0.1:9", "ftp://127.0.0.1:9", "https://127.0.0.1:x"]
)
def test_where_nobody_is_nobody_comes(url: str, tmp_path: Path) -> None:
    """One sentence says so, before anybody sets out."""
    done = rehearse("--url", url, "--accounts-file", "/dev/null", DATABASE_URL=f"sqlite:///{tmp_path}/a.db")
    assert done.returncode == 1
    assert url in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
