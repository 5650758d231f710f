"""What an account knows already stands in a section that nobody has saved yet, and is said to come from there.

It is shown, never stored: a draft begins with the first save of its owner (DR-01), who reads it and may write something
else. A change here leaves the account as it is. What does not fit its question stays out. Pure.
"""

from collections.abc import Mapping
from typing import NamedTuple

from accounts.identities import Identity
from accounts.personal_data.countries import code_of
from accounts.personal_data.home_address import HomeAddress
from submission.drafts.look import DraftView
from submission.drafts.saving import without
from submission.drafts.states import DraftState
from submission.forms.answers import SectionAnswers
from submission.forms.evaluation import Evaluation, evaluate
from submission.forms.fields import PostedLists, read_section
from submission.forms.model import AccountPart, FieldType, FormSection

AccountTexts = Mapping[AccountPart, str]
"""What an account has on file, as its owner would type it; an address in lines."""


class PrefilledSection(NamedTuple):
    """A section with what is on file: its answers, what follows from them, and the questions that they answer, by the
    field's id."""

    answers: SectionAnswers
    found: Evaluation
    answered: dict[str, str]

    @property
    def labels(self) -> list[str]:
        """How the questions are asked that are answered from the account."""
        return list(self.answered.values())


def texts_of(identity: Identity, email: str, address: HomeAddress | None) -> AccountTexts:
    """What is on file, by its parts."""
    texts = {
        AccountPart.FAMILY_NAME: identity.family_name,
        AccountPart.GIVEN_NAME: identity.given_name,
        AccountPart.BIRTH_DATE: identity.birth_date,
        AccountPart.BIRTH_COUNTRY: code_of(identity.birth_country),
        AccountPart.PASSPORT: identity.passport,
        AccountPart.EMAIL: email,
    }
    if address is not None:
        texts |= {AccountPart.ADDRESS: address.text, AccountPart.COUNTRY: code_of(address.country)}
    return {part: text for part, text in texts.items() if text}


def takes(view: DraftView, section: FormSection) -> bool:
    """Whether this section is to be prefilled: nobody has saved it, and a question of it is on file."""
    if view.draft is not None and section.id in view.draft.sections:
        return False
    return view.state is DraftState.LIVE and any(field.from_account is not None for field in section.fields)


def prefilled(view: DraftView, section: FormSection, texts: AccountTexts) -> PrefilledSection:
    """The section with what is on file, as far as its questions take it."""
    posted, labels = PostedLists(), dict[str, str]()
    for field in section.fields:
        text = "" if field.from_account is None else texts.get(field.from_account, "")
        if text:
            one_line = ", ".join(text.splitlines()) if field.type is FieldType.TEXT else text
            posted[f"{section.id}.{field.id}"], labels[field.id] = [one_line], field.label
    typed = read_section(view.form, section, posted, view.today)
    answers = without(typed.answers, section, typed.errors)
    others = {} if view.draft is None else view.draft.answers
    found = evaluate(view.asked, others | {section.id: answers}, view.today)
    shown = {
        id: label for id, label in labels.items() if answers.get(id) and f"{section.id}.{id}" in found.visible
    }
    return PrefilledSection(answers, found, shown)


def on_file(view: DraftView, texts: AccountTexts) -> dict[str, SectionAnswers]:
    """What an account answers of each section that nobody has saved; a section of which it answers nothing is not
    there."""
    found = {}
    for section in view.asked.sections:
        if takes(view, section):
            filled = prefilled(view, section, texts)
            if filled.answered:
                found[section.id] = {id: filled.answers[id] for id in filled.answered}
    return found
