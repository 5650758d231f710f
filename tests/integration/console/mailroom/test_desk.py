"""What is shown of a person is on the record, whichever way it was found."""

from casework.files.numbers import file_number
from tests.integration.console.mailroom.conftest import ONE_STORE, MailroomPlace
from tests.support.casework.mail import entered, typed

pytestmark = ONE_STORE


async def test_guesses_are_looks_at_each_file(mail: MailroomPlace) -> None:
    """An item of the pen shows the names of its guesses: each of them is looked at."""
    item = await entered(mail.place.db, typed(file_number(2)[:-1] + "?", keep="1"))
    await mail.clerk.get(f"/personnel/courrier/pieces/{item.id}")
    looks = await mail.acts("look")
    assert ("claire", f"mail_item:{item.id}") in looks and ("claire", "submission:2") in looks


async def test_lists_are_looks_too(mail: MailroomPlace) -> None:
    """The pen and what goes back, which name nobody."""
    for path in ("attente", "retours"):
        assert (await mail.clerk.get(f"/personnel/courrier/{path}")).status_code == 200
    assert [actor for actor, about in await mail.acts("look") if about is None] == ["claire", "claire"]
