"""An amendment is written once, under the file's lock, after payment, by a feature that is on."""

import asyncio

import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.acts import AccountAct
from accounts.own_account import profile
from casework import documents
from casework.amendments import amending, asked, reading
from casework.amendments.amending import SentAmendment
from casework.amendments.reading import FileAmendment
from casework.amendments.states import AmendmentGround
from casework.amendments.store import amendment
from casework.documents import DocumentKind
from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.switches import plans
from casework.switches.states import SwitchName
from foundation.audit import Actor, audit
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.mail.store import mail
from submission.forms.fields import PostedLists
from submission.forms.model import AmendmentKind
from submission.store import signature
from tests.integration.casework.amendments.conftest import AmendedPlace, changed_on, moved
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import ask
from tests.support.tasks import rows

ANNE = Actor("anne", "candidate")


def sent(kind: AmendmentKind = AmendmentKind.ADDRESS, **typed: str) -> SentAmendment:
    fields = moved(**typed)  # type: ignore[arg-type]
    version = int(fields["version"])
    return SentAmendment(
        kind=kind, version=version, key=fields["key"],
        posted=PostedLists({name: [text] for name, text in fields.items()}),
    )  # fmt: skip


async def amend(
    amended: AmendedPlace, one: SentAmendment, owner: int | None = None, number: int = 1
) -> FileAmendment:
    return await amended.db.write(
        lambda conn: amending.amend(
            conn, amended.services, owner or amended.owner, ANNE, number, one, now_ms()
        )
    )


async def refused(
    amended: AmendedPlace, one: SentAmendment, owner: int | None = None, number: int = 1
) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await amend(amended, one, owner, number)
    return caught.value


async def test_a_change_of_address_is_added_and_the_account_follows(amended: AmendedPlace) -> None:
    """The signature stays as it was; the event has the day; the account's address is the new one; one mail says so at
    the address on file, which stays; what is stored is encrypted; the document is filed once."""
    await amended.db.write(lambda conn: conn.execute(sa.delete(mail)))
    before = await rows(amended.db, signature.c.receipt, signature.c.content_digest, signature.c.sealed)
    one = await amend(amended, sent())
    assert (one.serial, one.on_day.isoformat(), one.is_late) == (1, changed_on(), False)
    assert (
        await rows(amended.db, signature.c.receipt, signature.c.content_digest, signature.c.sealed) == before
    )
    e = file_event.c
    assert (await rows(amended.db, e.id, e.kind, e.on_day))[-1][1:] == ("amended", changed_on())
    on_file = await amended.db.read(lambda conn: profile.find(conn, amended.services.personal, 1))
    assert on_file.address is not None and on_file.address.lines == ["4, quai Sud", "Lyon"]
    ((content,),) = await rows(amended.db, amendment.c.content)
    assert "quai" not in content
    acts = [act for (act,) in await rows(amended.db, audit.c.act)]
    assert AccountAct.ADDRESS_CHANGE in acts and "amended" in acts
    assert not any(
        "quai" in str(row) for row in await rows(amended.db, audit.c.id, audit.c.detail, audit.c.after)
    )
    await amended.work()
    await amended.work()
    filed = await amended.db.read(lambda conn: documents.of_account(conn, 1))
    mine = [one for one in filed if one.kind == DocumentKind.AMENDMENT]
    assert len(mine) == 1
    opened = await amended.db.read(lambda conn: documents.find(conn, mine[0].id, 1))
    assert "4, quai Sud" in str(opened.blocks) and "Avant" in str(opened.blocks)


async def test_a_mail_goes_to_the_address_on_file(amended: AmendedPlace) -> None:
    """One, that says that the address of the home changed, and not to what."""
    a, services = accounts_store.account, amended.services
    sealed = services.personal.seal("anne", "email", "anne@exemple.invalid")
    await amended.db.write(lambda conn: conn.execute(sa.update(a).values(email=sealed)))
    await amended.db.write(lambda conn: conn.execute(sa.delete(mail)))
    await amend(amended, sent())
    assert [kind for (kind,) in await rows(amended.db, mail.c.kind)] == ["home_address_changed"]


async def test_sent_twice_it_is_one(amended: AmendedPlace) -> None:
    """At once or later: a form has a key."""
    outcomes = await asyncio.gather(*(amend(amended, sent()) for _ in range(6)))
    assert {one.serial for one in outcomes} == {1}
    assert len(await rows(amended.db, amendment.c.id)) == 1


async def test_a_key_serves_one_amendment(amended: AmendedPlace) -> None:
    """Under it another one is refused: who sent it would believe it added. The same is the same later too, also after
    another one was added."""
    one = await amend(amended, sent())
    others = (sent(contact__address="9, rue Nord"), sent(on_day="2026-01-10"), sent(AmendmentKind.DEPENDANT))
    for other in others:
        fields = (await refused(amended, other)).fields["fields"]
        assert [field["name"] for field in fields] == ["key"]
    assert len(await rows(amended.db, amendment.c.id)) == 1
    await amend(amended, sent(key="another-key-00", version="1", contact__address="9, rue Nord"))
    assert (await amend(amended, sent())).id == one.id


def partly(address: str, version: int) -> SentAmendment:
    """A change of address as a program may send it: what it does not name stays as it is."""
    fields = {"on_day": changed_on(), "contact.address": address}
    posted = PostedLists({name: [text] for name, text in fields.items()})
    return SentAmendment(kind=AmendmentKind.ADDRESS, version=version, key="partly-000000", posted=posted)


async def test_a_late_repeat_is_answered_as_the_first_time(amended: AmendedPlace) -> None:
    """Also where what the file said then is no longer so: the amendment before it waits for its fee again (PM-01).
    Another text under the key stays refused."""
    await amend(amended, sent())
    one = await amend(amended, partly("9, rue Nord", 1))
    assert one.content.answers["contact"]["city"] == "Lyon"
    await amended.db.write(lambda conn: ask(conn, 1))
    again = await amend(amended, partly("9, rue Nord", 1))
    assert (again.id, again.content) == (one.id, one.content)
    fields = (await refused(amended, partly("11, rue Nord", 1))).fields["fields"]
    assert [field["name"] for field in fields] == ["key"]


async def test_without_a_digest_an_honest_repeat_is_refused(
    amended: AmendedPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: read anew upon what the file says today it is another amendment, as those that are older than digests
    may be."""
    await amend(amended, sent())
    monkeypatch.setattr(asked, "digest_of", lambda *_args: "")
    await amend(amended, partly("9, rue Nord", 1))
    await amended.db.write(lambda conn: ask(conn, 1))
    monkeypatch.undo()
    await refused(amended, partly("9, rue Nord", 1))


async def test_without_comparing_another_is_told_of_as_added(
    amended: AmendedPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the second address is answered with the first one, and nowhere."""
    monkeypatch.setattr(amending, "is_same", lambda _file, _there, _sent: True)
    await amend(amended, sent())
    told = await amend(amended, sent(contact__address="9, rue Nord"))
    assert told.content.answers["contact"]["address"] == "4, quai Sud"
    assert len(await rows(amended.db, amendment.c.id)) == 1


async def test_of_two_tabs_the_second_gets_both_texts(amended: AmendedPlace) -> None:
    """Upon the version that both were typed on one is added; the other is told the version and what stands now."""
    two = (sent(key="tab-number-one"), sent(key="tab-number-two", contact__address="9, rue Nord"))
    outcomes = await asyncio.gather(*(amend(amended, one) for one in two), return_exceptions=True)
    (lost,) = [one for one in outcomes if isinstance(one, Refusal)]
    (won,) = [one for one in outcomes if isinstance(one, FileAmendment)]
    assert lost.code == Code.DRAFT_CHANGED and lost.fields["current"]["version"] == 1
    assert (
        lost.fields["current"]["answers"]["contact"]["address"] == won.content.answers["contact"]["address"]
    )
    again = await amend(amended, sent(key="tab-number-six", version="1", contact__address="11, rue Nord"))
    assert again.serial == 2 and again.content.lines[0].before in ("4, quai Sud", "9, rue Nord")


async def test_late_is_flagged_and_never_refused(amended: AmendedPlace) -> None:
    """PM-04: the thirtieth day, rolled to a day on which offices are open."""
    one = await amend(amended, sent(on_day="2026-01-10"))
    assert one.is_late and one.last_day.isoformat() == "2026-02-09"
    (read,) = await amended.db.read(lambda conn: reading.of_file(conn, amended.services.cipher, 1))
    assert read.is_late and read.told_on == day_of(read.at)


async def test_not_before_the_payment_nor_after_a_decision_nor_switched_off(amended: AmendedPlace) -> None:
    """Each with its ground, and nothing is written."""
    await amended.db.write(
        lambda conn: plans.end(conn, amended.switches[SwitchName.ADDRESS_CHANGE], "essai", "agnes", now_ms())
    )
    grounds = [(await refused(amended, sent())).fields["ground"]]
    grounds.append((await refused(amended, sent(AmendmentKind.STATUS))).fields["ground"])
    family = moved(plans__family_members="4") | {"then": "send"}
    dependant = SentAmendment(
        kind=AmendmentKind.DEPENDANT, version=0, key="a1b2c3d4e5f6",
        posted=PostedLists({name: [text] for name, text in family.items()}),
    )  # fmt: skip
    await happened(amended.db, 1, FileEventKind.PAYMENT_REVERSED)
    grounds.append((await refused(amended, dependant)).fields["ground"])
    assert grounds == [AmendmentGround.NOT_YET, AmendmentGround.NOT_ASKED, AmendmentGround.NOT_PAID]
    assert await rows(amended.db, amendment.c.id) == []


async def test_a_file_of_somebody_else_is_none(amended: AmendedPlace) -> None:
    """Nor is one that is not there; a wrong day and a wrong key are named."""
    other = await amended.place.person("xavier")
    assert (await refused(amended, sent(), owner=other)).code == Code.NOT_FOUND
    assert (await refused(amended, sent(), number=99)).code == Code.NOT_FOUND
    for wrong, name in (
        (sent(on_day="2026-02-30"), "on_day"), (sent(on_day="2999-01-01"), "on_day"), (sent(key="x"), "key"),
        (sent(contact__country="Atlantide"), "contact.country"), (sent(contact__address="x" * 190), "contact.address"),
    ):  # fmt: skip
        fields = (await refused(amended, wrong)).fields["fields"]
        assert [field["name"] for field in fields] == [name]
