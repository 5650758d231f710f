"""Codes: the same for the same registration, without signs that look alike, however they are typed."""

from accounts.registration import codes


def test_a_code_is_made_again_and_is_nobody_elses() -> None:
    """From its secret and serial; another of either gives another."""
    code = codes.code_of("secret", "serial")
    assert code == codes.code_of("secret", "serial")
    assert len({code, codes.code_of("secret", "other"), codes.code_of("other", "serial")}) == 3
    assert len(code) == codes.LENGTH and set(code) <= set(codes.ALPHABET)


def test_no_two_signs_look_alike() -> None:
    """No 0 or O, 1, I or L, no U beside V."""
    assert not set("01OILU") & set(codes.ALPHABET) and len(set(codes.ALPHABET)) == 30


def test_what_was_typed_is_read_kindly() -> None:
    """Small letters, blanks, hyphens and full width; what can be no code is none."""
    code = codes.code_of("secret", "serial")
    for typed in (codes.shown(code), codes.shown(code).lower(), f"  {' '.join(code)} ", code.translate(
        {ord(sign): ord(sign) + 0xFEE0 for sign in code}
    )):  # fmt: skip
        assert codes.typed(typed) == code
    for wrong in ("", code[:-1], code + "A", "O" * 10, "x" * 10_000):
        assert codes.typed(wrong) == ""
