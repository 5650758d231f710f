"""The form of a section as a blank that is filled: everybody finds their own in it, and nothing of anybody else's."""

from collections.abc import Mapping

import pytest

from server.rendering.blanks import CLOSES, Blank
from tests.support.candidates.drafting import DEMO, MASTER, DraftingPlace, put
from tests.support.candidates.page_checks import assert_clean

PAGE = f"{DEMO}/training"


async def two_pages(place: DraftingPlace) -> list[str]:
    """The page of each of two people, after both have been rendered once."""
    async with await place.signed_in(1) as one, await place.signed_in(2) as other:
        for browser, school in ((one, "École <b>Lavande</b> %(whose)s"), (other, "École Romarin %")):
            assert (await put(browser, 0, MASTER | {"school": school})).status_code == 200
        found = [await browser.get(f"{PAGE}?enregistre=1") for browser in (one, other, one)]
        for page in found:
            assert_clean(page)
            assert CLOSES not in page.text
        assert found[0].text == found[2].text
        return [page.text for page in found[:2]]


async def test_each_finds_their_own(place: DraftingPlace) -> None:
    """What was typed is text, whatever signs it has; account, version and field are the person's own."""
    first, second = await two_pages(place)
    assert "École &lt;b&gt;Lavande&lt;/b&gt; %(whose)s" in first and "École Romarin %" in second
    assert "Romarin" not in first and "Lavande" not in second
    whose = [page.partition('name="whose" value="')[2][:24] for page in (first, second)]
    assert len({*whose}) == 2 and all(len(one) == 24 for one in whose)


class KeepingBlank(Blank):
    """Gives everybody what it was filled with first."""

    def filled(self, theirs: Mapping[bytes, bytes]) -> bytes:
        self.first: bytes = getattr(self, "first", b"") or super().filled(theirs)
        return self.first


async def test_a_page_that_kept_what_it_was_filled_with_would_be_seen(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the second person reads the first one's answers."""
    monkeypatch.setattr("submission.drafts.form_page.Blank", KeepingBlank)
    first, second = await two_pages(place)
    assert "Lavande" in second and first == second
