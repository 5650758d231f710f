"""Typed answers of one section: WTForms reads the fields and collects their errors, in French.

Saving asks for form only: what is missing is shown and never demanded. Only what was posted is read: a question that
was not on the page keeps its stored answer (`answers.merged`). Members of a repeated section come with their keys
(`children.key`, once for each), so none is renamed and none vanishes (WTForms' own lists do both); a box or a choice
that may come without a value is posted with an empty one beside it, so that « unticked » and « not on the page »
differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import wtforms
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, is_possible_number, parse
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from foundation.errors import Code, Refusal
from submission.forms.answers import KEY, MEMBERS, Member, SectionAnswers, members_of
from submission.forms.model import FieldType, Form, FormField, FormSection
from submission.forms.values import WRONG_EMAIL, Problem, canonical_of, problem_of

LOCALES = ("fr_CA",)
"""With an underscore: `fr-CA` alone is a file that WTForms does not find."""

MOST_POSTED = 1_000
"""Fields of one post: fifty members of a section with twenty questions each."""

LONGEST_KEY = 40

PARTS = (".year", ".month", ".day")
"""Of a date in three fields, behind its path; ISO in the field itself counts before them."""

REMOVE = "remove"
"""Posted as `children.remove` with the key of a member that goes."""

NO_TELEPHONE = (
    "Ce numéro ne ressemble pas à un numéro de téléphone. S’il est juste, laissez-le ainsi; l’indicatif du pays aide, "
    "comme +33 ou +1."
)

NO_SUCH_FIELD = "Cette section ne pose pas cette question."

NOT_A_TEXT = "On attend un texte."

NOT_MEMBERS = "On attend la liste entière des membres."

NOT_A_KEY = f"Chaque membre porte une clé : lettres, chiffres et traits d’union, {LONGEST_KEY} au plus."

KEY_TWICE = "Deux membres portent cette clé."

LONGEST_NAME_TOLD = 60

_Texts = Mapping[str, str | list[Member]]


class TypedSection(NamedTuple):
    """What was typed into a section. `answers` in canonical form, as it was typed where there is none; errors and
    warnings by path, in French."""

    answers: SectionAnswers
    errors: dict[str, str]
    warnings: dict[str, str]


class PostedLists(dict[str, list[str]]):
    """The fields of a post, each with all of its values, as WTForms asks for them."""

    def getlist(self, name: str) -> list[str]:
        return self.get(name, [])


def posted_lists(body: bytes) -> PostedLists:
    """The fields of an encoded body; NUL and other characters that nobody sees are taken out with each value. Refusal
    bad_request."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_POSTED)
    except ValueError:  # bad UTF-8 too: UnicodeDecodeError is one
        raise Refusal(Code.BAD_REQUEST) from None
    found = PostedLists()
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def posted_of(section: FormSection, answers: Mapping[str, str | list[Member]]) -> PostedLists:
    """Answers that came as JSON, as a page would have posted them."""
    found = PostedLists()
    if section.repeats is None:
        _post(
            found,
            section,
            f"{section.id}.",
            {name: one for name, one in answers.items() if isinstance(one, str)},
        )
        return found
    if MEMBERS not in answers:
        return found
    keys = found[f"{section.id}.{KEY}"] = []
    for member in members_of(answers):
        key = member.get(KEY, "")
        keys.append(key)
        _post(found, section, f"{section.id}.{key}.", member)
    return found


def _post(found: PostedLists, section: FormSection, prefix: str, answers: Mapping[str, str]) -> None:
    for field in section.fields:
        if field.id in answers:
            text = answers[field.id]
            found[prefix + field.id] = text.split(" ") if field.type == FieldType.CHOICES else [text]


def read_section(
    form: Form, section: FormSection, posted: Mapping[str, Sequence[str]], today: date
) -> TypedSection:
    """What was posted of a section of this form. What belongs to no question of it is passed over.

    A repeated section of which no member was posted keeps those that it has, and so does a member of which nothing but
    its key was.
    """
    lists = (
        posted if isinstance(posted, PostedLists) else PostedLists({k: list(v) for k, v in posted.items()})
    )
    typed = TypedSection({}, {}, {})
    if section.repeats is None:
        typed.answers.update(_read(form, section, f"{section.id}.", lists, today, typed))
        return typed
    if not {f"{section.id}.{KEY}", f"{section.id}.{REMOVE}"} & lists.keys():
        return typed
    members: list[Member] = []
    for key in _keys(section, lists):
        prefix = f"{section.id}.{key}."
        member = _read(form, section, prefix, lists, today, typed)
        if not member or any(member.values()):
            members.append({KEY: key} | member)
    if len(members) > section.repeats.most:
        typed.errors[section.id] = f"Il y en a au plus {section.repeats.most} : retirez-en."
    typed.answers[MEMBERS] = members
    return typed


def _keys(section: FormSection, lists: PostedLists) -> Iterable[str]:
    """The keys of the members that were posted, each once, without those that go."""
    gone = set(lists.getlist(f"{section.id}.{REMOVE}"))
    keys = (key for key in lists.getlist(f"{section.id}.{KEY}") if key not in gone and is_key(key))
    return list(dict.fromkeys(keys))[:MOST_POSTED]


def is_key(text: str) -> bool:
    """Whether this can be the key of a member: letters, digits and hyphens."""
    plain = text.replace("-", "")
    return 0 < len(text) <= LONGEST_KEY and plain.isascii() and plain.isalnum()


def dropped_of(section: FormSection, sent: _Texts, stored: _Texts) -> dict[str, str]:
    """What of the answers that a program sent would be dropped, by path: they are taken as a whole or refused.

    A page's post comes from the page that we wrote; a program may err in a name or a key, and would lose a text that it
    was told is saved. A question of an earlier version of the form may come as it is stored: whoever sends back what
    they read changes nothing.
    """
    if section.repeats is None:
        return _unasked(section, f"{section.id}.", sent, stored)
    found = {_told(f"{section.id}.", name): NO_SUCH_FIELD for name in sent if name != MEMBERS}
    if not isinstance(sent.get(MEMBERS, []), list):
        found[f"{section.id}.{MEMBERS}"] = NOT_MEMBERS
    before = {member.get(KEY, ""): member for member in members_of(stored)}
    seen = set[str]()
    for place, member in enumerate(members_of(sent)):
        key = member.get(KEY, "")
        if not is_key(key) or key in seen:
            found[f"{section.id}.{MEMBERS}[{place}].{KEY}"] = KEY_TWICE if key in seen else NOT_A_KEY
            continue
        seen.add(key)
        rest = {name: text for name, text in member.items() if name != KEY}
        found |= _unasked(section, f"{section.id}.{key}.", rest, before.get(key, {}))
    return found


def _unasked(section: FormSection, prefix: str, sent: _Texts, stored: _Texts) -> dict[str, str]:
    asked = {field.id for field in section.fields}
    found: dict[str, str] = {}
    for name, value in sent.items():
        if name not in asked and (name not in stored or stored[name] != value):
            found[_told(prefix, name)] = NO_SUCH_FIELD
        elif not isinstance(value, str):
            found[_told(prefix, name)] = NOT_A_TEXT
    return found


def _told(prefix: str, name: str) -> str:
    """The name that was sent, as far as one reads it."""
    return prefix + name[:LONGEST_NAME_TOLD]


class SectionFields(BaseForm):
    """The questions of a section or member as WTForms has them, as they were posted on a day.

    The base of WTForms' forms and no class with the questions as attributes: a question may be called `data` or
    `errors`. To bind the questions costs more than to read them, so they are bound once and read again and again.
    """

    today: date

    def __init__(self, form: Form, section: FormSection, prefix: str) -> None:
        super().__init__(_unbound(form, section.id), prefix=prefix, meta=_META)

    def read(self, posted: PostedLists, today: date) -> None:
        """Take in what was posted, in place of anything before.

        What WTForms' own `process` and `validate` do around the questions (data of objects, filters, chains of
        validators) no question here has, and it costs as much as the questions.
        """
        self.today = today
        for bound in self:
            bound.process(posted)
            bound.validate(self)


def _read(
    form: Form, section: FormSection, prefix: str, posted: PostedLists, today: date, typed: TypedSection
) -> Member:
    """The questions of a section or member that were on the page."""
    free = _free(form, section.id) if section.repeats is None else []
    fields = free.pop() if free else SectionFields(form, section, prefix)
    fields.read(posted, today)
    found = _found(fields, typed)
    if section.repeats is None:
        free.append(fields)
    return found


@lru_cache(512)
def _free(form: Form, section_id: str) -> list[SectionFields]:
    """The bound questions of a section that nobody reads just now: one set a thread, in practice."""
    return []


def _found(fields: SectionFields, typed: TypedSection) -> Member:
    found: Member = {}
    for bound in fields:
        if not bound.was_posted:
            continue
        found[bound.short_name] = bound.data
        if bound.errors:
            typed.errors[bound.name] = str(bound.errors[0])
        elif (
            bound.question.type == FieldType.TELEPHONE
            and bound.data
            and not looks_like_a_telephone(bound.data)
        ):
            typed.warnings[bound.name] = NO_TELEPHONE
    return found


def looks_like_a_telephone(text: str) -> bool:
    """Whether a number could be called. An extension is cut off first: « poste 12 » would be read as digits."""
    number = text.casefold()
    for word in ("poste", "ext", "#", "x"):
        number = number.partition(word)[0]
    try:
        return is_possible_number(parse(number, "CA"))
    except NumberParseException:
        return False


class TypedField(wtforms.Field):
    """A question, read into its canonical form."""

    def __init__(self, question: FormField, problem: Problem, **kwargs: Any) -> None:
        super().__init__(question.label, **kwargs)
        self.question, self.problem, self.canonical = question, problem, canonical_of(question)
        self.has_several = question.type == FieldType.CHOICES
        self.was_posted = False

    def process(self, formdata: PostedLists, data: object = None, extra_filters: object = None) -> None:
        """What was posted for this question alone; nothing else gives it a value."""
        texts = self.posted(formdata)
        self.was_posted = texts is not None
        self.raw_data = texts or []
        if not texts:
            self.data = ""
        elif len(texts) == 1:  # of each question but a list of choices
            self.data = self.canonical(texts[0])
        else:
            self.data = self.canonical(" ".join(filter(None, texts)))

    def posted(self, formdata: PostedLists) -> list[str] | None:
        """The texts that were posted for this question; None where it was not on the page."""
        texts = formdata.get(self.name)
        if texts is None or self.has_several:
            return texts
        return texts[-1:]

    def validate(self, form: SectionFields, extra_validators: object = ()) -> bool:
        """Collect what is wrong with a value that stands there."""
        problem = self.problem(self.data, form.today) if self.data else ""
        self.errors = [problem] if problem else []
        return not problem


class TypedDate(TypedField):
    """A day in one field or in three."""

    def posted(self, formdata: PostedLists) -> list[str] | None:
        whole = super().posted(formdata)
        if whole and whole[0].strip():
            return whole
        parts = [formdata.get(self.name + part) for part in PARTS]
        if not any(part is not None for part in parts):
            return whole
        typed = [part[-1].strip() if part else "" for part in parts]
        return ["-".join(typed) if any(typed) else ""]


class _FrenchMeta(DefaultMeta):
    locales = LOCALES


_META = _FrenchMeta()


@lru_cache(512)
def _unbound(form: Form, section_id: str) -> dict[str, Any]:
    """The fields of one section, to be bound to each post; one set a section, as an absent box of another is no
    answer."""
    section = form.section(section_id)
    assert section is not None
    return {
        field.id: (TypedDate if field.type == FieldType.DATE else TypedField)(
            field, problem=_problem_of(field)
        )
        for field in section.fields
    }


def _problem_of(field: FormField) -> Problem:
    """What is asked of a value when it is typed: of an e-mail address all that can be asked without a network."""
    problem = problem_of(field)
    if field.type != FieldType.EMAIL:
        return problem

    def email_problem(value: str, today: date) -> str:
        if found := problem(value, today):
            return found
        try:
            # `test_environment` takes what an account's address takes; whether mail arrives is not asked here.
            validate_email(value, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            return WRONG_EMAIL
        return ""

    return email_problem
