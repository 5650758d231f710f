"""The e-mails say that there is a message, and never what it says."""

from casework.mailbox.notices import MessageHead, to_candidate, to_representative

HEAD = MessageHead(id="abc", title="Votre dossier est ouvert", at=1_466_000_000_000, number="D-0000001-95")


def test_the_owner_reads_title_day_file_and_link() -> None:
    mail = to_candidate("a@b.example", HEAD, "https://g.example")
    assert mail.title == HEAD.title
    for part in (
        HEAD.title,
        "juin\u00a02016",
        "D-0000001-95",
        "https://g.example/messages/abc",
        "N’y répondez pas",
    ):
        assert part in mail.text


def test_a_message_about_no_file_has_no_number() -> None:
    head = MessageHead(id="abc", title="Nouvelle fonction", at=0, number=None)
    assert "Dossier" not in to_candidate("a@b.example", head, "https://g.example").text


def test_a_representative_gets_no_link() -> None:
    """There is no access to lead to."""
    mail = to_representative("l@b.example", HEAD)
    assert "http" not in mail.text
    assert "D-0000001-95" in mail.text
