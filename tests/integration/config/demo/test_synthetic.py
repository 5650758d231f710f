"""Invented people on a real instance: made with drafts, usable, and taken away without touching anybody else."""

import json
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.identities import Identity, answers_text
from accounts.passwords import COST
from accounts.personal_data.fields import PersonalFields
from accounts.store import account, session
from casework.store import document
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from loadtests.journey.accounts import read_accounts
from quota.store import period, token
from submission.drafts.store import draft
from submission.forms.evaluation import evaluate
from tests.conftest import apart
from tests.integration.config.commands.shell import GOOD_KEY, add_staff, guichet, one_sentence, rows
from tests.support.drafts import draft_at
from tests.support.forms.filled import DEMO_FORM

DEMO = ("--programme", "demo")

ROY = Identity(family_name="Roy", given_name="Ève", birth_date="1990-01-01", passport="XX0000007")


def insert(url: str, table: sa.Table, *new: dict[str, Any]) -> None:
    async def work() -> None:
        database = Database(url)
        try:
            await database.write(lambda conn: conn.execute(sa.insert(table), list(new)))
        finally:
            await database.close()

    apart(work())


def added(url: str, count: int, *more: str) -> dict[str, Any]:
    made = guichet("accounts", "synthetic", "add", str(count), *DEMO, *more, url=url)
    assert made.exit_code == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def removed(url: str, *more: str) -> dict[str, int]:
    gone = guichet("accounts", "synthetic", "remove", *more, url=url)
    assert gone.exit_code == 0, gone.stderr
    found: dict[str, int] = json.loads(gone.stdout)
    return found


def names(url: str) -> list[str]:
    return sorted(row.username for row in rows(url, account))


def test_accounts_are_made_with_complete_drafts_and_told_once(database_url: str, tmp_path: Any) -> None:
    """As JSON that the load tools read; the password is random, hashed, and nowhere on the record."""
    made = added(database_url, 3)
    (tmp_path / "accounts.json").write_text(json.dumps(made), "utf-8")
    pattern = read_accounts(str(tmp_path / "accounts.json"))
    people = [pattern.person(index) for index in range(pattern.count)]
    assert (
        names(database_url) == [person.username for person in people] == [f"load-0000{n}" for n in (1, 2, 3)]
    )
    first = rows(database_url, account)[0]
    assert COST.verify(first.password_hash, made["password"])
    assert COST.verify(first.answers_hash, answers_text(made["answers"]))
    for row in rows(database_url, draft):
        made_draft = draft_at(database_url, GOOD_KEY, row.account)
        assert (
            made_draft is not None and evaluate(DEMO_FORM, made_draft.answers, date(2016, 6, 13)).is_complete
        )
    (line,) = rows(database_url, audit)
    assert (line.act, line.actor) == ("synthetic_add", "command-line")
    assert json.loads(line.detail) == {"programme": "demo", "prefix": "load-", "first": 1, "new": 3}
    assert made["password"] not in str(line)


def test_more_are_numbered_on_and_another_prefix_by_itself(database_url: str) -> None:
    """With a password of their own; somebody who is really called so is gone round."""
    one = added(database_url, 2)
    person = dict(rows(database_url, account)[0]._mapping)
    person.pop("id")
    insert(
        database_url,
        account,
        person
        | dict.fromkeys(("email", "email_key", "email_alike"))
        | {"username": "load-00007", "identity": PersonalFields([GOOD_KEY]).seal_identity("load-00007", ROY)},
    )
    two, other = added(database_url, 2), added(database_url, 1, "--prefix", "essai-")
    assert (one["first"], two["first"], other["first"]) == (1, 8, 1)
    assert one["password"] != two["password"]
    assert removed(database_url) == {
        "removed": 4, "submitted": 0, "called": 0, "others": 1, "sessions": 0, "drafts": 4
    }  # fmt: skip
    assert names(database_url) == ["essai-00001", "load-00007"]


def test_removal_takes_sessions_and_drafts_and_leaves_what_the_books_need(database_url: str) -> None:
    """One with a document stays with its draft, one with a live token until it is over; their sessions too."""
    add_staff(database_url, "jeanne")
    added(database_url, 4)
    ids = [row.id for row in rows(database_url, account)]
    begun = {"role": "candidate", "created_at": 1, "expires_at": now_ms() + 60_000}
    insert(database_url, session, *({"digest": f"d{id}", "owner": id, **begun} for id in ids))
    insert(database_url, session, begun | {"role": "operator", "digest": "desk", "owner": ids[3]})
    insert(
        database_url, document,
        {"id": "d", "account": ids[0], "subject_kind": "submission", "subject_id": "1", "kind": "receipt", "serial": 1,
         "title": "Reçu", "blocks": "[]", "created_at": 1},
    )  # fmt: skip
    gone = removed(database_url, "--as", "jeanne")
    assert gone == {"removed": 3, "submitted": 1, "called": 0, "others": 0, "sessions": 3, "drafts": 3}
    assert names(database_url) == ["load-00001"]
    assert [row.account for row in rows(database_url, draft)] == ids[:1]
    assert {row.digest for row in rows(database_url, session)} == {f"d{ids[0]}", "desk"}
    line = rows(database_url, audit)[-1]
    assert (line.act, line.actor) == ("synthetic_remove", "jeanne")
    assert json.loads(line.detail) == {"prefix": "load-", "removed": 3, "submitted": 1, "called": 0}
    assert removed(database_url)["removed"] == 0


def test_who_holds_a_live_token_stays_until_it_is_over(database_url: str) -> None:
    """The place is theirs meanwhile."""
    add_staff(database_url, "jeanne")
    guichet(
        "period",
        "create",
        "june",
        *DEMO,
        "--opens-at",
        "2099-06-15T08:30",
        "--as",
        "jeanne",
        url=database_url,
    )
    added(database_url, 2)
    first = rows(database_url, account)[0].id
    (uid,) = [row.uid for row in rows(database_url, period)]
    insert(
        database_url, token,
        {"period": uid, "number": 1, "jti": "j", "state": "live", "account": first, "called_at": 1, "called_clock": 0,
         "ends": 1},
    )  # fmt: skip
    gone = removed(database_url)
    assert (gone["removed"], gone["called"]) == (1, 1)
    assert names(database_url) == ["load-00001"]


@pytest.mark.parametrize("prefix", ["load", "L-", "a-", "", "martin-a-", "load_", "%-"])
def test_a_prefix_is_no_beginning_of_a_name(database_url: str, prefix: str) -> None:
    """One sentence, and nothing done, for both commands."""
    for words in (("add", "1", *DEMO), ("remove",)):
        one_sentence(
            guichet("accounts", "synthetic", *words, "--prefix", prefix, url=database_url), "--prefix"
        )
    assert rows(database_url, audit) == rows(database_url, account) == []


def test_accounts_may_be_older_than_today(database_url: str) -> None:
    """For periods that take only accounts from before; a future instant is refused."""
    added(database_url, 1, "--created-at", "2016-01-01T00:00:00-05:00")
    assert rows(database_url, account)[0].created_at == 1_451_624_400_000
    one_sentence(
        guichet(
            "accounts",
            "synthetic",
            "add",
            "1",
            *DEMO,
            "--created-at",
            "2999-01-01",
            url=database_url,
            SECRET_KEYS=GOOD_KEY,
        ),
        "past",
    )
