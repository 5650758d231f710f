"""One value of a form: its canonical form, and what is wrong with it. Pure.

`tidied` takes what is not seen out of a typed text; `canonical` makes of it what is stored; `problem` says in French
what to do about a stored value. A value that has no canonical form stays as it was typed, so that nothing is lost, and
has a problem.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from accounts.normalisation import JOINERS, folded, is_unseen
from submission.forms.conditions import day_in
from submission.forms.countries import country_of
from submission.forms.model import FieldType, FormField

YES, NO = "oui", "non"

_SPACES = re.compile(r"[^\S\n]+")

_THOUSANDS = re.compile(r"(?<=\d)[\s'’](?=\d{3}(\D|$))")

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
"""Only its shape; `fields.py` asks email-validator when it is typed."""

_NUMBER = re.compile(r"-?\d{1,12}")

_AMOUNT = re.compile(r"\d{1,12}(\.\d\d)?")

_YEAR = re.compile(r"\d{4}")

OLDEST, NEWEST = date(1850, 1, 1), date(2150, 12, 31)
"""Days outside are typing mistakes in any form."""

WRONG_EMAIL = "Écrivez une adresse de courriel complète, comme prenom@exemple.com."

Problem = Callable[[str, date], str]
"""What is wrong with a value that is not empty, by today's date; empty when nothing is."""


FIRST_MARK = "\u0300"
"""Below it no sign combines with the one before, and those that nobody sees are not printable."""


def tidied(text: str, *, lines: bool = False) -> str:
    """What is seen of a text: composed (NFC), without controls, NUL, marks of direction and other characters that
    nobody sees, spaces collapsed. Joiners stay, as Persian and Hindi need them. `lines` keeps the ends of lines."""
    # Most are composed, and all of it is seen.
    if text and text.isprintable() and (text.isascii() or max(text) < FIRST_MARK):
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    seen = "".join(one for one in composed if _is_kept(one))
    if not lines:
        return " ".join(seen.split())
    return "\n".join(_SPACES.sub(" ", line).strip() for line in seen.split("\n")).strip()


def _is_kept(character: str) -> bool:
    if character in JOINERS:
        return True
    return not is_unseen(character) and unicodedata.category(character) not in {"Cs", "Co", "Cn"}


def canonical(field: FormField, text: str) -> str:
    """A typed text as it is stored."""
    tidy = tidied(text, lines=field.type == FieldType.LINES)
    make = _CANONICAL.get(field.type)
    return tidy if make is None or not tidy else make(field, tidy)


def canonical_of(field: FormField) -> Callable[[str], str]:
    """The same for one field, which is asked of it again and again."""
    lines, make = field.type == FieldType.LINES, _CANONICAL.get(field.type)
    if make is None:
        return partial(tidied, lines=lines)

    def stored(text: str) -> str:
        tidy = tidied(text, lines=lines)
        return make(field, tidy) if tidy else tidy

    return stored


def _date(_: FormField, text: str) -> str:
    """ISO of a date that was typed with other separators, or without zeros."""
    parts = re.split(r"[-/. ]", text)
    if len(parts) == 3 and len(parts[0]) == 4 and all(part.isascii() and part.isdecimal() for part in parts):
        padded = f"{parts[0]}-{parts[1]:0>2}-{parts[2]:0>2}"
        return padded if day_in(padded) else text
    return text


def _number(_: FormField, text: str) -> str:
    plain = _THOUSANDS.sub("", text)
    return str(int(plain)) if plain.isascii() and _NUMBER.fullmatch(plain) else text


def _amount(_: FormField, text: str) -> str:
    plain = _THOUSANDS.sub("", text).removesuffix("$").strip().replace(",", ".")
    if not plain.isascii() or re.fullmatch(r"\d{1,12}(\.\d{1,2})?", plain) is None:
        return text
    whole, _dot, cents = plain.partition(".")
    return f"{int(whole)}.{cents:0<2}" if cents.strip("0") else str(int(whole))


_SAID = {
    "oui": YES, "o": YES, "yes": YES, "true": YES, "on": YES, "1": YES, "non": NO, "n": NO, "no": NO, "false": NO,
    "0": NO,
}  # fmt: skip


def _yes_no(_: FormField, text: str) -> str:
    return _SAID.get(text.casefold(), text)


def _box(_: FormField, text: str) -> str:
    said = _SAID.get(text.casefold(), text)
    return "" if said == NO else said


def _choice(field: FormField, text: str) -> str:
    """An option's id, also of its label as a file may have it."""
    return text if text in field.options else _option_called(field.options, text)


def _choices(field: FormField, text: str) -> str:
    """The ids in the order of the options."""
    chosen = set(text.split())
    if chosen - field.options.keys():
        return text
    return " ".join(option for option in field.options if option in chosen)


def _option_called(options: Mapping[str, str], text: str) -> str:
    wanted = folded(text)
    return next((id for id, label in options.items() if folded(label) == wanted), text)


def _country(_: FormField, text: str) -> str:
    return country_of(text) or text


_CANONICAL: Mapping[FieldType, Callable[[FormField, str], str]] = {
    FieldType.DATE: _date, FieldType.NUMBER: _number, FieldType.YEAR: lambda _, text: text.replace(" ", ""),
    FieldType.AMOUNT: _amount, FieldType.YES_NO: _yes_no, FieldType.BOX: _box, FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices, FieldType.COUNTRY: _country,
}  # fmt: skip


def problem_of(field: FormField) -> Problem:
    """What is asked of each value of this field, as one function."""
    make = _PROBLEMS.get(field.type, _text_problem)
    return make(field)


def _text_problem(field: FormField) -> Problem:
    most = field.most_characters

    def problem(value: str, _: date) -> str:
        return "" if len(value) <= most else too_long(value, most)

    return problem


def too_long(value: str, most: int) -> str:
    """What is said of a text that is longer than its field takes."""
    return f"Écrivez au plus {most} caractères; il y en a {len(value)}."


def _email_problem(field: FormField) -> Problem:
    too_long = _text_problem(field)

    def problem(value: str, today: date) -> str:
        if _EMAIL.fullmatch(value) is None:
            return WRONG_EMAIL
        return too_long(value, today)

    return problem


def _date_problem(field: FormField) -> Problem:
    past = field.past

    def problem(value: str, today: date) -> str:
        day = day_in(value)
        if day is None or not OLDEST <= day <= NEWEST:
            return "Indiquez une date qui existe : le jour, le mois et l’année, comme 27 3 1985."
        return "Indiquez une date qui n’est pas à venir." if past and day > today else ""

    return problem


def _number_problem(field: FormField) -> Problem:
    shapes = {
        FieldType.NUMBER: (_NUMBER, "Écrivez un nombre entier, en chiffres."),
        FieldType.YEAR: (_YEAR, "Écrivez l’année en quatre chiffres, comme 2009."),
        FieldType.AMOUNT: (_AMOUNT, "Écrivez un montant en dollars, en chiffres, comme 1250 ou 1250,50."),
    }
    shape, sentence = shapes[field.type]
    least, most = field.least, field.most

    def problem(value: str, _: date) -> str:
        if shape.fullmatch(value) is None or not value.isascii():
            return sentence
        number = float(value)
        if least is not None and number < least:
            return f"Le plus petit nombre possible est {least}."
        return f"Le plus grand nombre possible est {most}." if most is not None and number > most else ""

    return problem


def _chosen_problem(field: FormField) -> Problem:
    allowed = {
        FieldType.YES_NO: frozenset({YES, NO}), FieldType.BOX: frozenset({YES}),
        FieldType.CHOICE: frozenset(field.options),
    }.get(field.type)  # fmt: skip

    def problem(value: str, _: date) -> str:
        is_known = country_of(value) is not None if allowed is None else value in allowed
        return "" if is_known else "Choisissez une des réponses proposées."

    return problem


def _choices_problem(field: FormField) -> Problem:
    options = field.options.keys()

    def problem(value: str, _: date) -> str:
        return "" if options >= set(value.split()) else "Choisissez parmi les réponses proposées."

    return problem


_PROBLEMS: Mapping[FieldType, Callable[[FormField], Problem]] = {
    FieldType.EMAIL: _email_problem, FieldType.DATE: _date_problem, FieldType.NUMBER: _number_problem,
    FieldType.YEAR: _number_problem, FieldType.AMOUNT: _number_problem, FieldType.YES_NO: _chosen_problem,
    FieldType.BOX: _chosen_problem, FieldType.CHOICE: _chosen_problem, FieldType.COUNTRY: _chosen_problem,
    FieldType.CHOICES: _choices_problem,
}  # fmt: skip
