"""The messages of registration say nothing about anybody."""

from accounts.registration import mails


def test_the_confirmation_has_link_and_code_and_no_person() -> None:
    """A greeting without a name; the code twice, in the link and to type."""
    mail = mails.confirmation("eve@exemple.test", "ABCDEFGHJK", "https://guichet.test", 7)
    assert (
        mail.text.count("ABCDE-FGHJK") == 2
        and "https://guichet.test/inscription/confirmation?code=" in mail.text
    )
    assert "eve" not in mail.text + mail.title and mail.text.startswith("Bonjour,\n")


def test_the_owner_of_a_taken_address_gets_no_code() -> None:
    """Only that there is an account, and where to go."""
    mail = mails.taken("eve@exemple.test", "https://guichet.test")
    assert "code" not in mail.text and "https://guichet.test/connexion" in mail.text
