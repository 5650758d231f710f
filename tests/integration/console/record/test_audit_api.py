"""`/api/v1/staff/record` for auditors' programs."""

import pytest
import sqlalchemy as sa

from accounts.roles import Role
from console.record import reading
from console.record.audit_api import RECORD, RECORD_CSV, VERIFICATION
from foundation import audit
from tests.integration.console.conftest import ConsolePlace


async def test_only_auditors_read_it(place: ConsolePlace) -> None:
    """An administrator has other calls; what was refused is on the record."""
    ada = await place.staff("ada", Role.ADMINISTRATOR)
    for path in (RECORD, RECORD_CSV, VERIFICATION):
        assert (await ada.get(path)).json()["code"] == "not_your_role"
        assert (await place.nobody.get(path)).json()["code"] == "not_signed_in"
    assert (await ada.post(VERIFICATION)).json()["code"] == "not_your_role"
    assert {"call": f"GET {RECORD}", "code": "not_your_role"} in [one[2] for one in await place.audit()]
    await ada.aclose()


async def test_it_is_read_by_pages_and_by_who_and_what(
    place: ConsolePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, each line once; no name in an address; the look is on the record, with its subject."""
    vera = await place.staff("vera", Role.AUDITOR)
    first = (await vera.get(RECORD)).json()
    lines = first["lines"]
    assert first["next"] is None and [line["id"] for line in lines] == sorted(
        (line["id"] for line in lines), reverse=True
    )
    mark = next(line["actor_mark"] for line in lines if line["actor"] == "agnes")
    some = (await vera.get(RECORD, params={"actor_mark": mark, "act": "sign_in"})).json()["lines"]
    assert {(line["actor"], line["act"]) for line in some} == {("agnes", "sign_in")}
    about = (await vera.get(RECORD, params={"subject_kind": "operator", "subject_id": "1"})).json()["lines"]
    assert {line["act"] for line in about} == {"operator_add"}
    assert (await vera.get(RECORD, params={"until": "2001-01-01T00:00:00Z"})).json()["lines"] == []
    monkeypatch.setattr(reading, "A_PAGE", 2)
    found: list[int] = []
    after: dict[str, str] = {}
    while True:
        page = (await vera.get(RECORD, params=after)).json()
        found += [line["id"] for line in page["lines"]]
        if page["next"] is None:
            break
        after = {"before": str(page["next"])}
    assert found == [line["id"] for line in lines]
    a = audit.audit.c
    looks = await place.db.read(
        lambda conn: conn.execute(sa.select(a.subject_id).where(a.act == audit.LOOK, a.actor == "vera"))
    )
    assert {row.subject_id for row in looks} == {None, "1"}
    await vera.aclose()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "rien"}, "period"),
        ({"actor_mark": "agnes"}, "actor_mark"),
        ({"since": "hier"}, "since"),
        ({"until": "2026-13-01"}, "until"),
        ({"act": "x" * 81}, "act"),
        ({"subject_kind": "a\0b"}, "subject_kind"),
        ({"subject_id": "1"}, "subject_id"),
        ({"before": "1e3"}, "before"),
    ],
)
async def test_a_filter_that_cannot_be_read_is_refused(
    place: ConsolePlace, query: dict[str, str], field: str
) -> None:
    """By the name of its member; nothing is shown."""
    vera = await place.staff("vera", Role.AUDITOR)
    refused = await vera.get(RECORD, params=query)
    assert refused.status_code == 422 and [one["name"] for one in refused.json()["fields"]] == [field]
    await vera.aclose()


async def test_it_is_exported_and_verified(place: ConsolePlace) -> None:
    """Both are acts; a change is found out."""
    vera = await place.staff("vera", Role.AUDITOR)
    assert (await vera.get(VERIFICATION)).json()["last"] is None
    told = await vera.get(RECORD_CSV, params={"act": "operator_add"})
    assert told.headers["content-type"].startswith("text/csv") and "operator_add" in told.text
    done = (await vera.post(VERIFICATION)).json()
    assert (done["last"]["whole"], done["last"]["complete"], done["last"]["by"]) == (True, True, "vera")
    changed = sa.update(audit.audit).where(audit.audit.c.id == 1).values(actor="mallory")
    await place.db.write(lambda conn: conn.execute(changed))
    assert (await vera.post(VERIFICATION)).json()["last"]["breaks"] == ["acts: line 1: altered"]
    acts = [act for actor, act, _ in await place.audit() if actor == "vera" and act != "look"]
    assert acts[-3:] == ["export", "audit_verify", "audit_verify"]
    await vera.aclose()
