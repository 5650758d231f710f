"""The time of a draft as tasks: reminders, the end, recovery, destruction, and periods that are announced."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL, PersonalFields
from foundation import outbox
from foundation.calendar.days import DAY_MS
from foundation.clock import now_ms
from foundation.mail.store import mail
from foundation.subjects import Subject
from quota import ledger
from quota.states import PeriodTask
from submission.drafts import store
from submission.drafts.lifetime import reminders
from submission.drafts.lifetime.lifecycle import DraftNotice, morning
from submission.drafts.lifetime.reminders import DraftTask
from submission.drafts.retention import kept_for
from submission.drafts.store import DRAFT, PROGRAMME
from tests.support.candidates.drafting import CALLS, DEMO, MASTER, DraftingPlace, put, rows
from tests.support.desks import days_ago as before
from tests.support.rooms import KEYS, make_period, set_period
from tests.support.tasks import EFFECTS

NOW = now_ms()


async def begun(place: DraftingPlace, days_ago: int = 0, number: int = 1) -> int:
    """The draft of a new account with an address, begun so many days ago; the account."""
    browser = await place.signed_in(number, draft=True, begun_at=before(days_ago, NOW))
    await browser.aclose()
    a = accounts_store.account
    stored = PersonalFields(KEYS).seal(f"essai-{number:05d}", EMAIL, f"essai{number}@exemple.invalid")
    theirs = a.c.username == f"essai-{number:05d}"
    await place.db.write(lambda conn: conn.execute(sa.update(a).where(theirs).values(email=stored)))
    found = sa.select(a.c.id).where(theirs)
    return int((await place.db.read(lambda conn: conn.execute(found))).scalar_one())


async def attend(place: DraftingPlace, now: int, draft: int = 1) -> None:
    """The task of a draft at this instant, in its transaction."""
    effect = EFFECTS[DraftTask.LOOK]
    await place.db.write(lambda conn: effect(conn, Subject.row(DRAFT, draft), now))


async def told(place: DraftingPlace) -> list[str]:
    return [row.kind for row in await rows(place, mail)]


async def test_a_first_save_stages_the_look_at_its_time(place: DraftingPlace) -> None:
    """Two weeks before its last day, once, however often it is saved."""
    async with await place.signed_in() as browser:
        for version in (0, 1):
            await put(browser, version, MASTER | {"school": f"École {version}"})
        (task,) = await rows(place, outbox.task)
        (draft,) = await rows(place, store.draft)
        assert (task.kind, task.subject_id) == (DraftTask.LOOK, str(draft.id))
        assert task.due_at == morning(draft.kept_until, -14)


async def test_its_owner_hears_three_times_and_once_when_it_is_over(place: DraftingPlace) -> None:
    """Each time once, also when the task is done again; the next look is staged each time."""
    await begun(place)
    last = kept_for(NOW, 90)
    for days in (14, 3, 1, -1):
        for _ in range(2):
            await attend(place, morning(last, -days))
    assert await told(place) == [DraftNotice.ENDS_SOON] * 3 + [DraftNotice.EXPIRED]
    looks = [row.due_at for row in await rows(place, outbox.task) if row.kind == DraftTask.LOOK]
    assert len(looks) == len(set(looks)) == 4


async def test_an_expired_draft_is_destroyed_and_leaves_a_tombstone(place: DraftingPlace) -> None:
    """Answers, texts of conflicts and all; ids, dates and the reason stay, and a new draft may begin."""
    await begun(place, days_ago=92)  # on the day after its last one that is told in the morning only
    async with await place.signed_in(2) as other:
        await put(other, 0, MASTER)
    await attend(place, NOW)
    assert len(await rows(place, store.draft_section)) > 1
    await attend(place, NOW + 40 * DAY_MS)
    await attend(place, NOW + 41 * DAY_MS)  # once more: nothing is left to do
    assert {row.draft for row in await rows(place, store.draft_section)} == {2}
    gone = next(row for row in await rows(place, store.draft) if row.id == 1)
    assert (gone.content, gone.destroyed_at, gone.ended_by) == (None, NOW + 40 * DAY_MS, "expired")
    assert await told(place) == [DraftNotice.EXPIRED, DraftNotice.DESTROYED]
    again = place.browser(session=await place.session(1))
    assert (await put(again, 0, MASTER)).json()["version"] == 1


async def test_a_draft_that_was_recovered_meanwhile_is_not_destroyed(place: DraftingPlace) -> None:
    """The task reads what stands now, not what it was staged for."""
    account = await begun(place, days_ago=95)
    browser = place.browser(session=await place.session(account))
    await browser.post(DEMO)
    await attend(place, NOW + 40 * DAY_MS)
    assert (await rows(place, store.draft))[0].destroyed_at is None
    assert (await browser.get(CALLS)).json()["state"] == "live"


async def test_nothing_is_destroyed_while_its_owner_has_a_live_token(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submission may be under way: it is looked at again in an hour. Twin: without the question it is gone."""
    await begun(place, days_ago=140)

    async def answer(conn: Any, account: int) -> bool:
        return True

    with monkeypatch.context() as busy:
        busy.setattr(ledger, "holds_live_token", answer)
        await attend(place, NOW)
        assert (await rows(place, store.draft))[0].destroyed_at is None
    await attend(place, NOW)
    assert (await rows(place, store.draft))[0].destroyed_at == NOW


async def test_what_was_submitted_goes_without_a_word(place: DraftingPlace) -> None:
    """It is kept with the submission; nobody who has submitted is reminded."""
    from tests.integration.submission.drafts.test_look import submit

    await begun(place)
    await submit(place)
    await attend(place, morning(kept_for(NOW, 90), -3))
    assert await told(place) == [] and (await rows(place, store.draft))[0].destroyed_at is None
    await attend(place, kept_for(NOW, 90) + 1)
    assert (await rows(place, store.draft))[0].ended_by == "submitted" and await told(place) == []


async def test_an_announced_period_extends_the_drafts_and_tells(place: DraftingPlace) -> None:
    """Over its close, recorded in the row, told once; and a shorter one takes nothing away (P13)."""
    await begun(place)
    period = await make_period(
        place.db, opens_at=NOW + 150 * DAY_MS, closes_at=NOW + 160 * DAY_MS, state="announced"
    )
    announced, extend = EFFECTS[PeriodTask.ANNOUNCED], EFFECTS[DraftTask.EXTEND]
    await place.db.write(lambda conn: announced(conn, Subject("period", period.uid), NOW))
    assert DraftTask.EXTEND in [row.kind for row in await rows(place, outbox.task)]
    for _ in range(2):
        await place.db.write(lambda conn: extend(conn, Subject(PROGRAMME, "demo"), NOW))
    assert (await rows(place, store.draft))[0].kept_until == period.closes_at
    assert await told(place) == [DraftNotice.EXTENDED]
    await set_period(place.db, period, closes_at=NOW + 155 * DAY_MS)
    await place.db.write(lambda conn: extend(conn, Subject(PROGRAMME, "demo"), NOW))
    assert (await rows(place, store.draft))[0].kept_until == period.closes_at
    assert await told(place) == [DraftNotice.EXTENDED]


async def test_many_drafts_are_extended_a_part_at_a_time(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each task says where the next goes on, so one that was killed is taken up where it was."""
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    for number in (1, 2, 3):
        await begun(place, number=number)
    extend = EFFECTS[DraftTask.EXTEND]
    await place.db.write(lambda conn: extend(conn, Subject(PROGRAMME, "demo"), NOW))
    staged = [row.subject_id for row in await rows(place, outbox.task) if row.kind == DraftTask.EXTEND]
    assert staged == ["demo:2"]
    await place.db.write(lambda conn: extend(conn, Subject(PROGRAMME, "demo:2"), NOW))
    looks = [row.subject_id for row in await rows(place, outbox.task) if row.kind == DraftTask.LOOK]
    assert sorted(looks) == ["1", "2", "3"]


async def test_two_workers_that_look_at_once_tell_once(place: DraftingPlace) -> None:
    """The row is locked, and a mail has a key."""
    await begun(place)
    at = morning(kept_for(NOW, 90), -14)
    await asyncio.gather(*(attend(place, at) for _ in range(4)))
    assert await told(place) == [DraftNotice.ENDS_SOON]
