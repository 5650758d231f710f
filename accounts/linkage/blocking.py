"""Which records are compared at all: those that have a blocking key in common. Pure.

A hundred thousand records make five thousand million pairs; with keys each record meets a handful. A key is a text that
two records of one person are likely to share whatever one of them got wrong. What is stored of it is an HMAC
(`accounts/linkage/keys.py`).
"""

from itertools import combinations

from accounts.identities import iso_date
from accounts.linkage import forms
from accounts.linkage.comparison import PersonRecord

MOST_MET = 200
"""Records that a key may bring: one that brings more says nothing about anybody, and is passed over."""

MOST_WORDS = 5
"""Words of a name that make keys of its pairs."""


def keys_of(record: PersonRecord) -> tuple[str, ...]:
    """The blocking keys of a record, each with the kind that it is, in a fixed order."""
    identity = record.identity
    bones = sorted(
        {forms.skeleton(word) for word in forms.words(f"{identity.family_name} {identity.given_name}")}
    )
    born = _born(identity.birth_date)
    found = {f"birth {born} {bone[:1]}" for bone in bones if born}
    found |= {f"names {' '.join(pair)}" for pair in combinations(bones[:MOST_WORDS], 2)}
    if len(bones) == 1:
        found.add(f"name {bones[0]}")
    if number := forms.document(identity.passport):
        found.add(f"document {number}")
    found |= {f"email {address}" for address in map(forms.e_mail, record.emails) if address}
    found |= {f"telephone {number}" for number in map(forms.telephone, record.telephones) if number}
    return tuple(sorted(found))


def _born(text: str) -> str:
    """A date of birth whose day and month may be exchanged: the lesser of the two stands first."""
    day = iso_date(text)
    if day is None:
        return ""
    first, second = sorted((day.day, day.month))
    return f"{day.year}-{first:02d}-{second:02d}"
