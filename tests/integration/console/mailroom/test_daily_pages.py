"""`/personnel/courrier/jour`: every item of a day, with its zeros; taken away only on the record."""

from casework.files.numbers import file_number
from casework.mailroom.states import INSTRUMENTS
from tests.integration.console.mailroom.conftest import ONE_STORE, MailroomPlace
from tests.support.candidates.page_checks import text_of
from tests.support.casework.mail import day, entered, payment, typed

PAGE = "/personnel/courrier/jour"

pytestmark = ONE_STORE


async def test_the_list_as_page_file_and_document(mail: MailroomPlace) -> None:
    """The same entries in each; a text that a spreadsheet would run is none."""
    db = mail.place.db
    await entered(db, await payment(db, 1, reference="=1+1"))
    await entered(db, typed(file_number(2)))
    page = await mail.clerk.get(PAGE)
    said = text_of(page)
    assert all(words in said for words in INSTRUMENTS.values()) and "Pièces inscrites : 2" in said.replace(
        "\xa0", " "
    )
    file = await mail.clerk.get(f"{PAGE}.csv", params={"le": day()})
    assert file.text.startswith("\ufeffpiece;nature") and "'=1+1" in file.text and file_number(1) in file.text
    assert len(file.text.strip().splitlines()) == 3
    document = await mail.clerk.get(f"{PAGE}.pdf", params={"le": day()})
    assert document.content.startswith(b"%PDF") and day() in document.headers["content-disposition"]
    called = await mail.clerk.get("/api/v1/staff/mailroom/daily.csv", params={"le": day()})
    assert called.text == file.text
    assert [actor for actor, _ in await mail.acts("mail_export")] == ["claire"] * 3


async def test_an_empty_day_and_a_day_that_is_none(mail: MailroomPlace) -> None:
    """Zeros for the one, a sentence for the other; nobody else takes it away."""
    empty = await mail.clerk.get(PAGE, params={"le": "2020-02-29"})
    assert empty.status_code == 200 and "Aucune pièce ce jour-là" in text_of(empty)
    for odd in ("2026-02-30", "<b>", "9" * 50, "0001-01-01", "9999-12-31"):
        page = await mail.clerk.get(PAGE, params={"le": odd})
        assert page.status_code == 422 and "<b>" not in page.text
        for taken in (f"{PAGE}.csv", f"{PAGE}.pdf"):  # never the list of another day
            assert (await mail.clerk.get(taken, params={"le": odd})).status_code == 422
    called = await mail.clerk.get("/api/v1/staff/mailroom/daily.csv", params={"le": "2026-02-30"})
    assert (called.status_code, called.json()["fields"][0]["name"]) == (422, "le")
    assert await mail.acts("mail_export") == []
    assert (await mail.place.nobody.get(f"{PAGE}.csv")).status_code == 303
