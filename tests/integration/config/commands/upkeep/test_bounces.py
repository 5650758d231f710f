"""`guichet bounces`: notifications from files, folders and standard input."""

from pathlib import Path

from tests.integration.config.commands.shell import GOOD_KEY, guichet
from tests.support.people.notifications import notification

ID = "0123456789abcdef" * 2


def test_a_notification_of_no_mail_of_ours_is_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """Read from a folder, as a Maildir has them; exit status 0."""
    guichet("migrate", url=sqlite_url)
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "1").write_bytes(notification(ID, "eve@exemple.invalid"))
    done = guichet("bounces", str(folder), url=sqlite_url, SECRET_KEYS=GOOD_KEY)
    assert (done.exit_code, done.stderr) == (0, "0 mails came back for good.\n")


def test_what_is_none_is_one_sentence_and_the_others_are_read(sqlite_url: str, tmp_path: Path) -> None:
    """Exit status 1, with the file and the reason, and nothing of what stands in it."""
    guichet("migrate", url=sqlite_url)
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "1").write_bytes(b"Subject: Bonjour\n\nMerci, Eve.")
    (folder / "2").write_bytes(notification(ID, "eve@exemple.invalid"))
    done = guichet("bounces", str(folder), url=sqlite_url, SECRET_KEYS=GOOD_KEY)
    assert done.exit_code == 1 and "1: it is no multipart/report" in done.stderr and "Eve" not in done.stderr
