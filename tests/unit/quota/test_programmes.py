"""Programme files: the ones that are shipped are right, and a wrong one is refused with file, key and reason."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from foundation.clock import parse_rfc3339
from quota.programmes import ProgrammeError, load, load_all, shown
from tests.support.places import ROOT

SHIPPED = ROOT / "config" / "programmes"

DEMO = (SHIPPED / "demo.toml").read_text("utf-8")


def test_the_shipped_programmes() -> None:
    """The demo has the numbers of the contract, and the intake of June 2016 its cut-off in Montréal time."""
    programmes = load_all(SHIPPED)
    assert {"demo", "prtq-2016"} <= programmes.keys()
    demo = shown(programmes["demo"])
    names = ("id", "calls_per_minute", "most_live_tokens", "token_seconds", "cap_total")
    assert [demo[name] for name in names] == ["demo", 240, 250, 600, 5073]
    assert programmes["demo"].accounts.created_before_at is None
    cut_off = datetime(2016, 1, 26, 5, 0, tzinfo=UTC)  # midnight in Montréal in winter
    assert programmes["prtq-2016"].accounts.created_before_at == cut_off.timestamp() * 1000


def test_the_default_window() -> None:
    """A period of June 2016 opens on the 13th at 8:30 EDT and closes on the 20th at 23:59."""
    window = load(SHIPPED / "prtq-2016.toml").window
    opens_at = window.opens_on(date(2016, 6, 13))
    assert opens_at == parse_rfc3339("2016-06-13T12:30:00Z")
    assert window.closes_after(opens_at) == parse_rfc3339("2016-06-21T03:59:00Z")


WRONG = [
    ("calls_per_minute = 240", 'calls_per_minute = "240"', "queue.calls_per_minute", "Expected int"),
    ("calls_per_minute = 240", "calls_per_minute = -1", "queue.calls_per_minute", ">= 0"),
    ("most_live_tokens = 250", "most_live_token = 250", "queue.most_live_token", "not known"),
    ('mode = "fifo"', 'mode = "lifo"', "queue.mode", "lifo"),
    ("base = 5000", "", "cap.base", "missing"),
    ("margin = 73", "margin = 20", "cap.margin", "margin_override_reason"),
    ("margin = 73", "margin = 151", "cap.margin", "50 to 150"),
    ("seconds = 600", "seconds = 0", "token.seconds", ">= 30"),
    ('allow = ["windows", ', 'allow = ["phone", ', "device.allow[0]", "phone"),
    ('allow = ["windows", "macos", "linux", "chromeos", "harmonyos"]', "allow = []", "device.allow", ">= 1"),
    ('id = "demo"', 'id = "other"', "id", "must be the same"),
    ('id = "demo"', 'id = "Demo 1"', "id", "regex"),
    ('languages = ["fr"]', 'languages = ["en"]', "languages", "French"),
    ('"plans"]', '"identity"]', "draft.sections", "twice"),
    ("[payment]", "[payement]", "payement", "not known"),
    ('on_unpaid = "keep_closed"', 'on_unpaid = "again"', "payment.on_unpaid", "again"),
    ('policy = "within_days"', 'policy = "with_application"', "payment.policy", "not served"),
    ('policy = "within_days"', 'policy = "none"', "payment.policy", "something is asked for"),
    ('policy = "within_days"', 'policy = "later"', "payment.policy", "later"),
    ("reminders = [14, 3, 1]", "reminders = [31]", "payment.reminders", "before the 30 days"),
    ("since = 2020-01-01", "since = 2012-01-01", "fees", "in the order of their days"),
    ("since = 2020-01-01", "since = 2021-01-01", "fees", "one row a day"),
    ("principal = 81200", "principal = -1", "fees[1].principal", ">= 0"),
    (
        "[[fees]]\nsince = 2020-01-01\nprincipal = 81200\nspouse = 17400\n",
        '[fee_count]\nspouse = "a.b"\n[[fees]]\nsince = 2020-01-01\nprincipal = 81200\n',
        "fees",
        "an amount of spouse",
    ),
    ("opens = 08:30:00", 'opens = "demain"', "window.opens", "time"),
    (
        "[draft]",
        "[accounts]\ncreated_before = 2016-03-13T02:30:00\n[draft]",
        "accounts.created_before",
        "never",
    ),
    (
        "[draft]",
        "[accounts]\ncreated_before = 2016-11-06T01:30:00\n[draft]",
        "accounts.created_before",
        "twice",
    ),
    (
        "[draft]",
        "[accounts]\ncreated_before = 2016-11-06T01:30:00Z\n[draft]",
        "accounts.created_before",
        "timezone",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "key", "reason"), WRONG)
def test_a_wrong_file_says_what_is_wrong(
    tmp_path: Path, right: str, wrong: str, key: str, reason: str
) -> None:
    """The error names the file, the key and the reason; the shipped file, unchanged, has none."""
    path = tmp_path / "demo.toml"
    assert right in DEMO
    path.write_text(DEMO.replace(right, wrong, 1), "utf-8")
    with pytest.raises(ProgrammeError) as problem:
        load(path)
    said = str(problem.value)
    assert said.startswith(f"{path}: key {key}: ")
    assert reason in said
    assert said.endswith(".")


def test_a_programme_without_fees(tmp_path: Path) -> None:
    """PY-10: nothing is due, so there are no days to pay in, whatever the file says of them."""
    path = tmp_path / "demo.toml"
    head, _, rest = DEMO.replace('policy = "within_days"', 'policy = "none"', 1).partition("[[fees]]")
    path.write_text(head + rest[rest.index("[representatives]") :], "utf-8")
    found = load(path)
    assert (found.fees, found.payment.asks_fees, found.payment.due_days) == ((), False, 0)
    assert load(SHIPPED / "demo.toml").payment.due_days == 30


def test_a_margin_with_a_reason(tmp_path: Path) -> None:
    """A margin out of range needs a reason, and is then accepted; no margin needs none."""
    path = tmp_path / "demo.toml"
    path.write_text(
        DEMO.replace("margin = 73", 'margin = 300\nmargin_override_reason = "Arrêté du 3 mai"', 1)
    )
    assert load(path).cap.total == 5300
    path.write_text(DEMO.replace("margin = 73", "margin = 0", 1))
    assert load(path).cap.total == 5000


@pytest.mark.parametrize("content", [b"id = ", b"\xff\xfe", b""])
def test_no_programme_at_all(tmp_path: Path, content: bytes) -> None:
    """What is no TOML, no text or nothing is refused by name; so is an empty folder, and a file that is not there."""
    path = tmp_path / "demo.toml"
    path.write_bytes(content)
    with pytest.raises(ProgrammeError, match=r"demo\.toml"):
        load(path)
    path.unlink()
    with pytest.raises(ProgrammeError, match=r"demo\.toml"):
        load(path)
    with pytest.raises(ProgrammeError, match="no programme file"):
        load_all(tmp_path)


def test_places_of_unpaid_applications_may_be_offered_again(tmp_path: Path) -> None:
    """QU-05: a programme says so, but none in which no application is ever unpaid."""
    path = tmp_path / "demo.toml"
    reopens = DEMO.replace('on_unpaid = "keep_closed"', 'on_unpaid = "reopen"', 1)
    path.write_text(reopens, "utf-8")
    assert load(path).payment.on_unpaid == "reopen"
    head, _, rest = reopens.replace('policy = "within_days"', 'policy = "none"', 1).partition("[[fees]]")
    path.write_text(head + rest[rest.index("[representatives]") :], "utf-8")
    with pytest.raises(ProgrammeError, match=r"payment\.on_unpaid: is reopen, and the policy is none"):
        load(path)
