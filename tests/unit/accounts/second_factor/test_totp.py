"""Codes of six digits by the clock: the RFC's vectors, the window, and that a code serves once."""

from base64 import b32encode

import pytest

from accounts.second_factor import totp

RFC_SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1: eight digits there, of which six are the last six."""
    assert totp.code_at(RFC_SECRET, seconds // totp.STEP_SECONDS) == code[-totp.DIGITS :]


NOW = 1_800_000_015_000
STEP = NOW // 1000 // totp.STEP_SECONDS


@pytest.mark.parametrize("away", [-2, -1, 0, 1, 2])
def test_a_code_is_taken_a_step_early_or_late(away: int) -> None:
    """A telephone whose clock is half a minute off is good; one that is a minute off is not."""
    found = totp.step_of(RFC_SECRET, totp.code_at(RFC_SECRET, STEP + away), NOW, None)
    assert found == (STEP + away if abs(away) <= totp.WINDOW else None)


def test_a_code_serves_once() -> None:
    """Neither the code that was taken nor an earlier one of the window is taken after it."""
    for away in (-1, 0):
        assert totp.step_of(RFC_SECRET, totp.code_at(RFC_SECRET, STEP + away), NOW, STEP) is None
    assert totp.step_of(RFC_SECRET, totp.code_at(RFC_SECRET, STEP + 1), NOW, STEP) == STEP + 1


@pytest.mark.parametrize("how", ["{0}", " {0} ", "{1} {2}", "{1}\u00a0{2}", "{1}-{2}", "\u200b{0}", "wide"])
def test_however_the_digits_were_typed(how: str) -> None:
    """Spaces, a hyphen, invisible characters and full-width digits make no other code."""
    code = totp.code_at(RFC_SECRET, STEP)
    wide = "".join(chr(0xFF10 + int(digit)) for digit in code)
    typed = wide if how == "wide" else how.format(code, code[:3], code[3:])
    assert totp.step_of(RFC_SECRET, typed, NOW, None) == STEP


@pytest.mark.parametrize("typed", [None, "", "12345", "abcdef", "1234567", "9" * 500, "²³¹²³¹", "٣٤٥٦٧٨"])
def test_what_is_no_code_is_none(typed: str | None) -> None:
    """And no error, whatever it is."""
    assert totp.step_of(RFC_SECRET, typed, NOW, None) is None


def test_a_new_secret_is_read_by_an_authenticator() -> None:
    """160 random bits in base 32 without padding, in an address with everything in it."""
    first, second = totp.new(), totp.new()
    assert first != second and len(first) == 32 and "=" not in first
    said = totp.uri(first, "agnès tremblay")
    assert said == (
        f"otpauth://totp/Guichet:agn%C3%A8s%20tremblay?secret={first}&issuer=Guichet"
        "&algorithm=SHA1&digits=6&period=30"
    )


def test_a_secret_at_rest_is_bound_to_its_owner() -> None:
    """Copied into a colleague's row it opens nothing."""
    cipher = totp.cipher(("a key that is long enough for tests",))
    stored = cipher.encrypt(RFC_SECRET, totp.field("agnes"))
    assert RFC_SECRET not in stored
    assert cipher.decrypt(stored, totp.field("agnes")) == RFC_SECRET
    assert cipher.decrypt(stored, totp.field("boris")) is None
