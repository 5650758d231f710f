"""What the mails of a change of address say."""

from accounts.email_change import mails

URL = "http://guichet.test"


def test_each_mail_leads_on_and_names_nobody() -> None:
    """The old address can refuse, the new one confirms."""
    to = "quelquun@exemple.invalid"
    letters = [
        mails.asked(to, "non", 3, URL),
        mails.confirm(to, "oui", URL),
        mails.taken(to, URL),
        mails.changed(to, URL),
        mails.cancelled(to, URL),
    ]
    assert "/courriel/annulation?jeton=non" in letters[0].text
    assert "/courriel/confirmation?jeton=oui" in letters[1].text
    assert all(URL in letter.text and "quelquun" not in letter.text for letter in letters)
