"""What is held about an account, over all features: the registry of the export and of the deletion (PA-05).

A test compares it with every table that says whose its rows are: a new table is held here, or says why not.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.events import store as events_store
from accounts.invitations import store as invitations_store
from accounts.linkage import store as linkage_store
from accounts.own_data.deletion import DeletionRules
from accounts.own_data.held import HeldRecords, rows_of
from accounts.personal_data.fields import ADDRESS, EMAIL, IDENTITY, PersonalFields
from accounts.recovery import store as recovery_store
from accounts.registration import store as registration_store
from accounts.representatives import store as representatives_store
from accounts.reviews import store as reviews_store
from accounts.roles import HolderKind
from accounts.second_factor import store as second_factor_store
from accounts.states import SessionRole
from casework import documents
from casework import store as casework_store
from casework.files import store as files_store
from casework.letters import store as letters_store
from casework.mailroom import store as mailroom_store
from casework.payments import store as payments_store
from casework.payments.card import store as card_store
from config.own_data import sealed
from config.own_data.amendments import amended
from config.own_data.lists import lists_and_decisions
from config.own_data.messages import messages
from console.agents import store as agents_store
from foundation.audit import a as audit_columns
from foundation.mail import store as mail_store
from foundation.sql.tables import plain_row
from quota import store as quota_store
from submission import store as submission_store
from submission.exempt.claims import ProofSeals
from submission.exempt.services import ExemptServices
from submission.services import SubmissionServices
from submission.signing import signatures

Owner = Callable[[int], sa.ColumnElement[bool]]
"""Which rows of a table are an account's, by the account's id."""

NOT_HELD = {
    "approval": "is what two of the staff agree on; of a file it says a day and a reason of theirs",
    "card_day": "is a sum over all files",
    "broadcast": "is written by staff, the same for everybody",
    "attempt": "is named by a keyed hash alone, and forgotten within days",
    "consultant": "is the public register",
    "exempt_ledger": "is about a programme",
    "mail_correction": "is what staff propose among themselves; what comes of it is in the history of the item",
    "mail_guess": "says what an unknown letter might belong to, until a person has decided",
    "feature_switch": "is about a programme and staff",
    "paper_record": "is of people who have no account here",
    "proclaimed_day": "is about a day and staff",
    "task": "names its subject by a number, and does nothing once that is gone",
}
"""Tables that look as if they were about an account, and why they are in no export."""


OWN_BLOCKS = (accounts_store.ACCOUNT, linkage_store.DECLARED_SPOUSE)
"""Kinds of blocking keys that are made of what an account says."""


def deletion_rules(services: ExemptServices) -> DeletionRules:
    """What is held and erased in this installation, and what stands against it."""
    return DeletionRules(held(services), has_submission)


async def has_submission(conn: AsyncConnection, account: int) -> bool:
    """Whether this account has ever submitted something, whatever became of it."""
    s = submission_store.submission.c
    return (await conn.execute(sa.select(s.id).where(s.account == account).limit(1))).first() is not None


def held(exempt: ExemptServices) -> tuple[HeldRecords, ...]:
    """Everything, in the order in which it can be erased: what points at something goes before it."""
    services = exempt.submissions
    return (
        _account(services.accounts.personal),
        *_of_access(services.accounts.personal),
        *_of_people_beside(services.accounts.personal),
        *_of_the_office(services.accounts.personal, exempt.seals),
        sealed.drafts(services.drafts),
        _submissions(services),
        *_of_the_file(services.accounts.personal),
        *lists_and_decisions(services.accounts.personal),
        amended(services.accounts.personal),
        messages(services.accounts.personal),
        _documents(),
        _tokens(),
        _looks(),
    )


def _account(personal: PersonalFields) -> HeldRecords:
    a = accounts_store.account
    hidden = {"password_hash", "answers_hash", "email_key", "email_alike", IDENTITY, EMAIL, ADDRESS}
    shown = [column for column in a.columns if column.name not in hidden]

    async def read(conn: AsyncConnection, account: int) -> dict[str, Any]:
        sealed = (a.c.identity, a.c.email, a.c.address)
        row = (await conn.execute(sa.select(*shown, *sealed).where(a.c.id == account))).one()
        values = plain_row(row)
        values["questions"] = personal.questions(row.username, row.questions)
        values[IDENTITY] = personal.identity(row.username, row.identity)
        values[EMAIL] = None if row.email is None else personal.opened(row.username, EMAIL, row.email)
        address = None if row.address is None else personal.opened(row.username, ADDRESS, row.address)
        values[ADDRESS] = None if address is None else msgspec.json.decode(address)
        return values

    # Its row goes last of all, by the deletion itself.
    return HeldRecords(name="account", title="Votre compte", tables=frozenset({a.name}), read=read)


def _of(table: sa.Table, column: str = "account") -> Owner:
    return lambda account: table.c[column] == account


def _candidate(table: sa.Table) -> Owner:
    return lambda account: sa.and_(table.c.role == SessionRole.CANDIDATE, table.c.owner == account)


def _below(table: sa.Table, column: str, parent: sa.Table, owner: Owner) -> Owner:
    """Rows that point at a row of the account's."""
    return lambda account: table.c[column].in_(sa.select(parent.c.id).where(owner(account)))


def _of_access(personal: PersonalFields) -> tuple[HeldRecords, ...]:
    s, m, g = accounts_store.session, accounts_store.missed_attempt, accounts_store.role_grant
    e, made = events_store.account_event, registration_store.registration
    lost = recovery_store.recovery
    factor = second_factor_store.second_factor
    return (
        rows_of("sessions", "Vos connexions en cours", s, _candidate(s)),
        rows_of("missed_tries", "Les essais de connexion manqués", m, _candidate(m)),
        rows_of(
            "roles", "Les rôles accordés à votre compte", g,
            lambda account: sa.and_(g.c.holder_kind == HolderKind.ACCOUNT, g.c.holder == account),
        ),
        rows_of("events", "Les changements faits à votre compte", e, _of(e)),
        rows_of("registrations", "Votre inscription", made, _of(made), without=("code_key", "email_key")),
        rows_of("recoveries", "Les liens envoyés pour un renseignement perdu", lost, _of(lost),
                without=("email_keys", "token_key")),
        sealed.email_changes(personal),
        rows_of("second_factor", "Le code de vérification", factor, _of(factor),
                without=("pending", "codes", "step")),
    )  # fmt: skip


def _representatives(personal: PersonalFields) -> HeldRecords:
    r = representatives_store.representative

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        rows = await conn.execute(
            sa.select(r).where(r.c.account == account).order_by(r.c.declared_at, r.c.id)
        )
        return [
            plain_row(row) | {"details": personal.representatives.opened(row.id, row.details)} for row in rows
        ]

    async def erase(conn: AsyncConnection, account: int) -> None:
        await conn.execute(sa.delete(r).where(r.c.account == account))

    return HeldRecords(
        name="representatives", title="Vos représentants", tables=frozenset({r.name}), read=read, erase=erase
    )


def _spouse_flags() -> HeldRecords:
    """In no export: that somebody whom one names as a spouse has an account is a fact about that person alone."""
    s = representatives_store.spouse_flag

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        return []

    async def erase(conn: AsyncConnection, account: int) -> None:
        await conn.execute(sa.delete(s).where(sa.or_(s.c.account == account, s.c.spouse == account)))

    return HeldRecords(
        name="spouse_flags", title="Le lien entre deux dossiers d’un couple", tables=frozenset({s.name}), read=read,
        erase=erase,
    )  # fmt: skip


def _of_people_beside(personal: PersonalFields) -> tuple[HeldRecords, ...]:
    r, e = representatives_store.representative, representatives_store.representative_event
    m = mail_store.mail
    return (
        rows_of("representative_history", "L’historique de vos représentants", e,
                _below(e, "representative", r, _of(r)), without=("actor",)),
        rows_of("representative_mail", "Les courriels envoyés à vos représentants", m,
                lambda account: sa.and_(
                    m.c.subject_kind == representatives_store.REPRESENTATIVE,
                    m.c.subject_id.in_(sa.select(r.c.id).where(r.c.account == account)),
                ),
                without=("key", "recipient", "text", "message_id")),
        _representatives(personal),
        _spouse_flags(),
    )  # fmt: skip


def _of_the_office(personal: PersonalFields, seals: ProofSeals) -> tuple[HeldRecords, ...]:
    """What staff and the service have written about the account; of another person's it says nothing."""
    review, link = reviews_store.review, reviews_store.account_link
    opening, invited = agents_store.file_opening, invitations_store.invitation
    block, mail = linkage_store.linkage_block, mail_store.mail
    beside = ("about", "account", "other_account", "paper_record", "score", "signals")

    def met(account: int) -> sa.ColumnElement[bool]:
        return sa.or_(review.c.account == account, review.c.other_account == account)

    return (
        sealed.review_events(personal.reviews),
        rows_of("links", "Les liens avec un autre compte", link,
                lambda account: sa.or_(link.c.account == account, link.c.survivor == account),
                without=("account", "survivor")),
        rows_of("reviews", "Les vérifications de votre compte", review, met, without=beside),
        rows_of("file_openings", "Les consultations de votre dossier par un agent", opening, _of(opening),
                without=("agent",)),
        sealed.exempt_claims(seals),
        rows_of("invitations", "L’invitation à créer votre compte", invited, _of(invited),
                without=("code_key", "email_key", "invited_by", "content")),
        rows_of("matching_keys", "Les empreintes qui servent à trouver les doublons", block,
                lambda account: sa.and_(block.c.record_kind.in_(OWN_BLOCKS), block.c.record == account)),
        rows_of("mail", "Les courriels que nous vous avons envoyés", mail,
                lambda account: sa.and_(mail.c.subject_kind == accounts_store.ACCOUNT,
                                        mail.c.subject_id == str(account)),
                without=("key", "recipient", "text", "message_id")),
    )  # fmt: skip


def _submissions(services: SubmissionServices) -> HeldRecords:
    s, p, c = submission_store.submission, quota_store.period, submission_store.status_change

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        rows = await conn.execute(
            sa.select(s.c.id, s.c.receipt, s.c.rank, s.c.submitted_at, s.c.pay_by, s.c.status, s.c.device, s.c.period,
                      s.c.fee, s.c.ledger, p.c.programme)
            .outerjoin(p, p.c.uid == s.c.period).where(s.c.account == account).order_by(s.c.id)
        )  # fmt: skip
        found = []
        for row in rows.all():
            signed = await signatures.find(
                conn, row.receipt, row.programme or row.ledger or "", services.seals
            )
            history = await conn.execute(
                sa.select(c.c.status, c.c.at).where(c.c.submission == row.id).order_by(c.c.id)
            )
            found.append(
                {
                    name: value
                    for name, value in plain_row(row).items()
                    if name not in {"id", "period", "ledger"}
                }
                | {"programme": row.programme or row.ledger}
                | {"signed": signed, "history": [plain_row(change) for change in history]}
            )
        return found

    tables = frozenset({s.name, c.name, submission_store.trace.name, submission_store.signature.name})
    return HeldRecords(
        name="submissions", title="Vos demandes soumises", tables=tables, read=read,
        kept_because="conservées selon la loi",
    )  # fmt: skip


def _of_the_file(personal: PersonalFields) -> tuple[HeldRecords, ...]:
    """What became of the account's submissions; they are kept with them."""
    e, s, m = files_store.file_event, submission_store.submission, payments_store.movement
    tried, told, back = card_store.charge, card_store.provider_event, card_store.card_refund
    theirs = _below(tried, "submission", s, _of(s))
    q, cheque = payments_store.money_case, payments_store.refund_cheque
    extra = payments_store.supplement
    return (
        rows_of("file_events", "Ce qui est arrivé à vos dossiers", e, _below(e, "submission", s, _of(s)),
                without=("key", "actor"), kept_because="conservés avec la demande"),
        rows_of("card_events", "Ce que le service de paiement a dit de vos paiements par carte", told,
                _below(told, "charge", tried, theirs), kept_because="conservés avec la demande"),
        rows_of("card_refunds", "Les remboursements de vos paiements par carte", back,
                _below(back, "charge", tried, theirs), without=("key", "actor"),
                kept_because="conservés avec la demande"),
        rows_of("charges", "Vos essais de paiement par carte", tried, theirs,
                without=("actor", "href"), kept_because="conservés avec la demande"),
        rows_of("movements", "Vos paiements", m, _below(m, "submission", s, _of(s)),
                without=("key", "actor"), kept_because="conservés avec la demande"),
        rows_of("supplements", "Les frais de vos modifications", extra, _below(extra, "submission", s, _of(s)),
                kept_because="conservés avec la demande"),
        rows_of("refund_cheques", "Vos remboursements par chèque", cheque, _below(cheque, "submission", s, _of(s)),
                without=("issued_by",), kept_because="conservés avec la demande"),
        rows_of("money_cases", "Vos paiements examinés par une personne", q, _below(q, "submission", s, _of(s)),
                without=("key", "decided_by"), kept_because="conservés avec la demande"),
        sealed.tombstones(personal),
        *_of_the_mailroom(),
    )  # fmt: skip


def _of_the_mailroom() -> tuple[HeldRecords, ...]:
    """What came by post for the account's files; kept with them."""
    m, moved, s = mailroom_store.mail_item, mailroom_store.mail_event, submission_store.submission
    items = _below(m, "submission", s, _of(s))
    return (
        rows_of("post", "Ce que vous avez envoyé par la poste", m, items,
                without=("key", "hints", "entered_by"), kept_because="conservé avec la demande"),
        rows_of("post_events", "Ce qui est arrivé à ces envois", moved,
                lambda account: moved.c.item.in_(sa.select(m.c.id).where(items(account))),
                without=("actor", "reason", "detail"), kept_because="conservé avec la demande"),
    )  # fmt: skip


def _documents() -> HeldRecords:
    d, f, o = casework_store.document, letters_store.document_file, letters_store.document_opening

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        listed = await documents.of_account(conn, account)
        opened = [await documents.find(conn, one.id, account) for one in listed]
        return [{"document": one.document, "blocks": one.blocks} for one in opened]

    async def erase(conn: AsyncConnection, account: int) -> None:
        await conn.execute(sa.delete(o).where(o.c.account == account))
        await conn.execute(sa.delete(f).where(f.c.account == account))
        await conn.execute(sa.delete(d).where(d.c.account == account))

    tables = frozenset({d.name, f.name, o.name})
    return HeldRecords(name="documents", title="Vos documents", tables=tables, read=read, erase=erase)


def _tokens() -> HeldRecords:
    """The turns that an account had: the row stays, for it is the line's record; the account's number goes from it."""
    t = quota_store.token

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        shown = (t.c.period, t.c.number, t.c.state, t.c.called_at, t.c.ended_at)
        rows = await conn.execute(sa.select(*shown).where(t.c.account == account).order_by(t.c.id))
        return [plain_row(row) for row in rows]

    async def erase(conn: AsyncConnection, account: int) -> None:
        await conn.execute(sa.update(t).where(t.c.account == account).values(account=None))

    return HeldRecords(
        name="turns", title="Vos tours dans la file", tables=frozenset({t.name}), read=read, erase=erase
    )


def _looks() -> HeldRecords:
    """What staff did with the account and when, without their names."""
    a = audit_columns.c

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        rows = await conn.execute(
            sa.select(a.at, a.role, a.act)
            .where(a.subject_kind == accounts_store.ACCOUNT, a.subject_id == str(account))
            .order_by(a.id)
        )
        return [plain_row(row) for row in rows]

    return HeldRecords(
        name="record", title="Qui a consulté ou modifié votre dossier, et quand", tables=frozenset({"audit"}),
        read=read, kept_because="le registre des actes est conservé",
    )  # fmt: skip
