"""What is known of persons, read for comparing."""

import sqlalchemy as sa

from accounts.personal_data.fields import EMAIL
from accounts.registration.states import AccountState
from accounts.store import account as accounts
from config.demo.people import invented_content
from foundation.sql.database import Database
from submission.near_duplicates import records
from submission.near_duplicates.records import records_of
from submission.signing.frozen import FrozenAnswer, FrozenAnswers, FrozenMember, FrozenSection
from tests.support.candidates.alike import AWA, account_of, awa, ciphers_of, submit
from tests.support.desks import PERSONAL, make_desk
from tests.support.rooms import make_period


async def test_an_account_is_read_with_what_it_has_submitted(database: Database) -> None:
    """Its own identity first, then what was signed, each with every contact; a closed account is nobody's."""
    desk = make_desk(database)
    account = await account_of(desk, 1)
    sealed = PERSONAL.seal("essai-00001", EMAIL, "awa@exemple.invalid")
    await database.write(lambda conn: conn.execute(sa.update(accounts).values(email=sealed)))
    await submit(desk, await make_period(database), 1)
    found = await database.read(lambda conn: records.of_accounts(conn, ciphers_of(desk), [account, 99]))
    own, signed = found[account].records
    assert own.identity == awa()
    assert signed.identity.family_name == invented_content("essai", 1)["identity"]["family_name"]
    assert own.emails == signed.emails == ("awa@exemple.invalid", "essai00001@exemple.invalid")
    assert len(own.telephones) == 1
    closed = sa.update(accounts).values(state=AccountState.CLOSED)
    await database.write(lambda conn: conn.execute(closed))
    assert await database.read(lambda conn: records.of_accounts(conn, ciphers_of(desk), [account])) == {}


def frozen_of(*sections: FrozenSection) -> FrozenAnswers:
    return FrozenAnswers("demo", "1", "", list(sections))


def member(key: str, **fields: str) -> FrozenMember:
    return FrozenMember(key, key, [FrozenAnswer(field, field, value) for field, value in fields.items()])


def test_an_identity_is_a_record_once() -> None:
    """What was signed as it stands in the account is no second one; an empty one is none."""
    same = frozen_of(FrozenSection("identity", "", [member("", **AWA)]))
    assert len(records_of(awa(), "", [same, frozen_of()])) == 1


def test_whom_a_form_names_is_a_relative() -> None:
    """Spouse and children, in sections of their own; whoever has no date of birth there is nobody to compare."""
    family = FrozenSection(
        "children",
        "",
        [member("e1", given_name="Inès", birth_date="2010-02-03"), member("e2", given_name="Léa")],
    )
    spouse = FrozenSection("spouse", "", [member("", family_name="Diallo", birth_date="1988-01-09")])
    (record,) = records_of(awa(), "", [frozen_of(family, spouse)])
    assert [one.full_name for one in record.relatives] == ["Inès", "Diallo"]
