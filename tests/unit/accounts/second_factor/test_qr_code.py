"""The picture of a secret."""

from accounts.second_factor import qr_code, totp


def test_the_picture_has_a_title_and_fits_a_small_screen() -> None:
    """No style and no script is in it, which the policy of the pages would refuse."""
    drawn = qr_code.svg(totp.uri(totp.new(), "a" * 60, "Guichet des demandes"))
    assert drawn.startswith("<svg ")
    assert f"<title>{qr_code.TITLE}</title>" in drawn
    assert "style" not in drawn
    assert "script" not in drawn
    width = int(drawn.partition('width="')[2].partition('"')[0])
    assert width <= 280
