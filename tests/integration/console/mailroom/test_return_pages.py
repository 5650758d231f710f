"""What goes back by post: an original of a file leaves with its tracking number, once."""

from casework.checklists import handling
from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from tests.integration.console.mailroom.conftest import ONE_STORE, MailroomPlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.file_events import happened
from tests.support.casework.lists import CLERK, list_of, send
from tests.support.casework.mail import day

PAGE = "/personnel/courrier/retours"

pytestmark = ONE_STORE


async def test_an_original_leaves_from_the_list(mail: MailroomPlace) -> None:
    """A wrong day stays in its row; a second time it is refused; nobody else's file is touched."""
    db, file = mail.place.db, file_number(1)
    await happened(db, 1, FileEventKind.PAID)
    await db.write(lambda conn: send(conn, 1, now_ms()))
    number = next(one.number for one in (await list_of(db)).items if one.give_back)
    assert "Aucun original à retourner" in text_of(await mail.clerk.get(PAGE))
    await db.write(lambda conn: handling.receive_item(conn, 1, number, day_of(now_ms()), CLERK, now_ms()))
    page = await mail.clerk.get(PAGE)
    assert_clean(page)
    assert file in text_of(page) and f"document {number} :" in text_of(page)
    one = f"{PAGE}/{file}/{number}"
    wrong = await mail.clerk.post(one, data={"tracking": "RN123", "sent_on": "2026-02-30"})
    assert wrong.status_code == 422 and "2026-02-30" in wrong.text and "RN123" in wrong.text
    empty = await mail.clerk.post(one, data={"tracking": " ", "sent_on": day()})
    assert empty.status_code == 422 and f'href="#{file}-{number}-tracking"' in empty.text
    sent = {"tracking": "RN123", "sent_on": day()}
    done = await mail.clerk.post(one, data=sent)
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?note=original")
    assert "Aucun original à retourner" in text_of(await mail.clerk.get(done.headers["location"]))
    assert (await mail.clerk.post(one, data=sent)).status_code == 409
    back = (await list_of(db)).item(number).given_back
    assert back is not None and (back.tracking, back.actor) == ("RN123", "claire")


async def test_what_there_is_not_is_not_found(mail: MailroomPlace) -> None:
    """A wrong number, a file without a list, an item that is none."""
    for path in ("D-0000001-00/1", f"{file_number(2)}/1", f"{file_number(1)}/x"):
        answer = await mail.clerk.post(f"{PAGE}/{path}", data={"tracking": "RN1", "sent_on": day()})
        assert answer.status_code == 404
    nobody = await mail.place.nobody.post(
        f"{PAGE}/{file_number(1)}/1", data={"tracking": "RN1", "sent_on": day()}
    )
    assert nobody.status_code in (303, 401, 403)
