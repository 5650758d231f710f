"""Blind indexes: the same text has the same hash, and nothing else can be told from it."""

from foundation.encryption.blind_index import BlindIndex

OLD, NEW = "an older key, long enough for us", "a newer key, long enough for us"


def test_a_text_has_one_hash_a_key_and_field() -> None:
    """What was written is found again; another text, key or field gives another hash."""
    index = BlindIndex([OLD], "account.email")
    assert index.stored("a@exemple.test") == index.stored("a@exemple.test")
    others = (
        index.stored("b@exemple.test"),
        BlindIndex([NEW], "account.email").stored("a@exemple.test"),
        BlindIndex([OLD], "account.telephone").stored("a@exemple.test"),
    )
    assert index.stored("a@exemple.test") not in others


def test_keys_rotate() -> None:
    """What an older key wrote is looked for beside what the first key writes."""
    before, after = BlindIndex([OLD], "x"), BlindIndex([NEW, OLD], "x")
    assert after.sought("a") == (after.stored("a"), before.stored("a"))
    assert before.stored("a") not in BlindIndex([NEW], "x").sought("a")
