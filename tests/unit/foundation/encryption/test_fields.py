"""Fields at rest: what comes back, and what does not open anywhere else."""

from foundation.encryption.fields import NONCE_BYTES, FieldCipher, deflated

OLD, NEW = "an old key, long enough for anybody", "a new key, long enough for anybody"

FIELD = "operator:jeanne:totp_secret"


def test_a_field_comes_back_and_says_nothing_itself() -> None:
    """The same text twice is two texts at rest, neither of which has the plain one in it."""
    ours = FieldCipher((NEW,), "totp")
    stored = [ours.encrypt("JBSWY3DPEHPK3PXP", FIELD) for _ in range(2)]
    assert stored[0] != stored[1]
    assert all("JBSWY3DP" not in text for text in stored)
    assert [ours.decrypt(text, FIELD) for text in stored] == ["JBSWY3DPEHPK3PXP"] * 2


def test_a_field_opens_in_its_own_place_alone() -> None:
    """Copied to another row, changed by a letter, of another purpose or another key: it does not open."""
    ours = FieldCipher((NEW,), "totp")
    stored = ours.encrypt("secret", FIELD)
    flipped = stored[:-6] + ("A" if stored[-6] != "A" else "B") + stored[-5:]
    for text, field in (
        (stored, "operator:lucie:totp_secret"),
        (flipped, FIELD),
        ("", FIELD),
        ("v1.x.y", FIELD),
    ):
        assert ours.decrypt(text, field) is None
    assert FieldCipher((NEW,), "other").decrypt(stored, FIELD) is None
    assert FieldCipher((OLD,), "totp").decrypt(stored, FIELD) is None


def test_keys_rotate() -> None:
    """The first key writes, all read, and what an older one wrote is known as such."""
    stored = FieldCipher((OLD,), "totp").encrypt("secret", FIELD)
    both = FieldCipher((NEW, OLD), "totp")
    assert both.decrypt(stored, FIELD) == "secret"
    assert not both.is_newest(stored)
    assert both.is_newest(both.encrypt("secret", FIELD))


def test_several_texts_are_sealed_as_one_is() -> None:
    """Each under a nonce of its own and in its own place; none opens in another's."""
    ours = FieldCipher((NEW,), "totp")
    sealed = ours.seal_all([("one", "a"), ("one", "b"), ("two", "c")])
    assert len({text[:NONCE_BYTES] for text in sealed}) == 3
    opened = [
        ours.open(ours.newest, text, field) for text, field in zip(sealed, ("a", "b", "c"), strict=True)
    ]
    assert opened == ["one", "one", "two"]
    assert ours.open(ours.newest, sealed[0], "b") is None
    assert ours.seal_all([]) == []


def test_a_long_text_is_deflated_where_its_purpose_says_so() -> None:
    """It is shorter at rest and comes back; what was written before is read, and a rotation writes it anew."""
    before, ours = FieldCipher((OLD,), "answers"), FieldCipher((NEW, OLD), "answers", deflates=True)
    text = "Ingénieure civile, Université de Lyon. " * 40
    plain, stored = before.encrypt(text, FIELD), ours.encrypt(text, FIELD)
    assert len(stored) < len(plain) / 4
    assert ours.decrypt(stored, FIELD) == ours.decrypt(plain, FIELD) == text
    assert ours.decrypt(ours.encrypt_deflated(deflated(text), FIELD), FIELD) == text
    assert (ours.is_newest(stored), ours.is_newest(plain)) == (True, False)


def test_a_deflated_text_opens_as_nothing_else() -> None:
    """Its version is bound with its place: altered at rest, neither kind is read as the other."""
    ours = FieldCipher((NEW,), "answers", deflates=True)
    stored, plain = ours.encrypt("text", FIELD), FieldCipher((NEW,), "answers").encrypt("text", FIELD)
    assert stored.startswith("z1.") and plain.startswith("v1.")
    for altered in (stored.replace("z1.", "v1.", 1), plain.replace("v1.", "z1.", 1), f"y{stored}"):
        assert ours.decrypt(altered, FIELD) is None
    assert ours.decrypt(stored, "operator:lucie:totp_secret") is None
