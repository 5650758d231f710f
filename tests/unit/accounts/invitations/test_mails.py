"""The mail of an invitation says nothing of anybody (P11)."""

from accounts.invitations.mails import invited


def test_an_invitation_leads_to_its_link() -> None:
    """For how long it is good, and what whoever did not ask does: nothing."""
    mail = invited("a@exemple.invalid", "https://guichet.example", "ABCDE-FGHJK", 14)
    assert "https://guichet.example/invitation?code=ABCDE-FGHJK" in mail.text and "14 jours" in mail.text
    assert "ne faites rien" in mail.text and mail.to not in mail.text
