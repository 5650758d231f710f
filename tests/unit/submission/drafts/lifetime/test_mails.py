"""The messages about drafts."""

import pytest

from submission.drafts.lifetime.lifecycle import DraftNotice
from submission.drafts.lifetime.mails import notice
from tests.support.candidates.values import OPENS

DAY_MS = 86_400_000


@pytest.mark.parametrize("kind", DraftNotice)
def test_each_says_that_nothing_is_submitted(kind: DraftNotice) -> None:
    """In its title and in its text, with the way to the draft, and nothing about the person."""
    mail = notice("a@exemple.invalid", kind, "http://guichet.test/demande/demo", OPENS, OPENS - DAY_MS, OPENS)
    assert "non soumise" in mail.title and "non soumise" in mail.text
    assert mail.text.endswith("\n\nhttp://guichet.test/demande/demo\n") and mail.text.startswith(
        "Bonjour,\n\n"
    )
    assert "a@exemple" not in mail.text


@pytest.mark.parametrize(
    ("days", "words"), [(14, "Il reste 14 jours"), (1, "Il reste un jour"), (0, "C’est le dernier jour")]
)
def test_the_days_that_are_left_are_counted_when_it_is_written(days: int, words: str) -> None:
    """Not when it was planned."""
    mail = notice("a@exemple.invalid", DraftNotice.ENDS_SOON, "x", OPENS, OPENS - days * DAY_MS, OPENS)
    assert words in mail.text and "13 juin 2016" in mail.text.replace("\xa0", " ")
