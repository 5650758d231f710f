"""What an account holds about a person is encrypted for its row, and plain identities of before are still read."""

import msgspec
import pytest

from accounts.identities import Identity
from accounts.personal_data import fields
from accounts.personal_data.fields import PersonalFields, UnreadableField

OLD, NEW = "an older key, long enough for us", "a newer key, long enough for us"

ANNE = Identity(family_name="Roy", given_name="Anne", birth_date="1990-01-01", passport="X1")


def test_an_identity_is_read_as_it_was_sealed_and_nothing_of_it_is_seen() -> None:
    """Neither a name nor a number stands in the stored text."""
    personal = PersonalFields([OLD])
    stored = personal.seal_identity("anne", ANNE)
    assert personal.identity("anne", stored) == ANNE
    assert not any(part in stored for part in ("family_name", "Anne", "1990-01-01"))


def test_a_text_opens_in_its_own_row_and_column_only() -> None:
    """Copied to another account, or to another column, it is no identity."""
    personal = PersonalFields([OLD])
    stored = personal.seal_identity("anne", ANNE)
    with pytest.raises(UnreadableField):
        personal.identity("jean", stored)
    with pytest.raises(UnreadableField):
        personal.opened("anne", fields.EMAIL, stored)


def test_keys_rotate_and_a_lost_key_is_said() -> None:
    """With the older key behind, what it wrote is read, and known to be old; without it nothing is guessed."""
    before, after = PersonalFields([OLD]), PersonalFields([NEW, OLD])
    stored = before.seal_identity("anne", ANNE)
    assert after.identity("anne", stored) == ANNE
    assert (before.is_newest(stored), after.is_newest(stored)) == (True, False)
    with pytest.raises(UnreadableField, match="SECRET_KEYS"):
        PersonalFields([NEW]).identity("anne", stored)


def test_plain_identities_of_earlier_releases_are_read() -> None:
    """They have no country of birth, which is empty then."""
    plain = msgspec.json.encode(
        {"family_name": "Roy", "given_name": "Anne", "birth_date": "x", "passport": "y"}
    )
    assert fields.is_plain(plain.decode())
    found = PersonalFields([OLD]).identity("anne", plain.decode())
    assert (found.family_name, found.birth_country) == ("Roy", "")


def test_questions_are_sealed_for_their_row_and_plain_ones_are_read() -> None:
    """A question of one's own may name anybody: nothing of it is seen. Earlier releases kept a plain list."""
    personal = PersonalFields([OLD])
    stored = personal.seal_questions("anne", ["Le chien de Bertrand ?", "Ville ?"])
    assert "Bertrand" not in stored
    assert personal.questions("anne", stored) == ["Le chien de Bertrand ?", "Ville ?"]
    assert personal.questions("anne", '["Chien ?"]') == ["Chien ?"]
    with pytest.raises(UnreadableField):
        personal.questions("jean", stored)
