"""What is typed of a representative: read, cleaned, or refused field by field."""

import pytest

from accounts.identities import Identity
from accounts.representatives.declaration.details import RepresentativeDetails
from accounts.representatives.declaration.typed import (
    FIELDS,
    LONGEST,
    OWN_EMAIL,
    SELF,
    WITH_NUMBER,
    DeclaringCandidate,
    is_self,
    read,
    same_email,
)
from accounts.representatives.states import RepresentativeKind

ANNE = DeclaringCandidate(
    Identity(family_name="N’Diaye", given_name="Anne Marie", birth_date="1985-04-02", passport="X1"),
    "anne@exemple.ca",
)

RIGHT = {
    "kind": "lawyer", "family_name": "Tremblay", "given_name": "Luc", "number": "123456-7",
    "organisation": "Tremblay & associés", "email": "Luc@Exemple.ca", "telephone": "+1 514 555-0100",
    "address": "1, rue Une\r\n\r\nMontréal",
}  # fmt: skip


def errors_of(**changed: str) -> dict[str, str]:
    return read(RIGHT | changed, ANNE).errors


def test_what_is_right_is_a_value() -> None:
    """The domain of an address in small letters, an address line by line, nothing unseen."""
    typed = read(RIGHT | {"family_name": " Trem\u200bblay\u202e "}, ANNE)
    assert typed.errors == {}
    assert typed.kind is RepresentativeKind.LAWYER
    assert typed.details == RepresentativeDetails(
        family_name="Tremblay", given_name="Luc", number="123456-7", organisation="Tremblay & associés",
        email="Luc@exemple.ca", telephone="+1 514 555-0100", address="1, rue Une\nMontréal",
    )  # fmt: skip


def test_nothing_typed_is_said_field_by_field_in_the_order_of_the_form() -> None:
    """What must be there, and no more than that."""
    assert list(read({}, ANNE).errors) == ["kind", "family_name", "email"]
    assert read({}, ANNE).details is None


@pytest.mark.parametrize("kind", RepresentativeKind)
def test_members_of_an_order_give_their_number(kind: RepresentativeKind) -> None:
    """A relative is member of nothing."""
    assert ("number" in errors_of(kind=kind.value, number=" - ")) is (kind in WITH_NUMBER)


@pytest.mark.parametrize("name", list(LONGEST))
def test_what_is_too_long_is_said_and_kept(name: str) -> None:
    """The text comes back into the form, as far as anybody reads it."""
    typed = read(RIGHT | {name: "a" * 3_000}, ANNE)
    assert name in typed.errors
    assert len(typed.values[name]) >= LONGEST[name]


@pytest.mark.parametrize(
    "email",
    ["", "luc", "luc@", "@exemple.ca", "luc@exemple", "luc @exemple.ca", "luc@exemple.ca, a@b.ca", "lúc@exemple.ca",
     "a" * 70 + "@exemple.ca", "<script>@exemple.ca", "luc@exemple.ca\r\nBcc: a@b.ca", "luc@\0exemple.ca"],
    ids=range(12),
)  # fmt: skip
def test_an_address_that_mail_cannot_be_sent_to_is_refused(email: str) -> None:
    """One address, complete, of one line."""
    typed = read(RIGHT | {"email": email}, ANNE)
    assert "email" in typed.errors or email == "luc@\0exemple.ca"  # what nobody sees is taken out


@pytest.mark.parametrize("email", ["luc@éxemple.ca", "luc@exemple.test"], ids=["accented", "as-an-account"])
def test_what_an_account_may_have_is_an_address(email: str) -> None:
    """Mail goes to the ASCII form of an accented domain; domains kept for tests are taken as those of accounts are."""
    typed = read(RIGHT | {"email": email}, ANNE)
    assert typed.details is not None and typed.details.email == email


@pytest.mark.parametrize("email", ["anne@exemple.ca", " ANNE@EXEMPLE.CA "])
def test_the_address_of_the_account_is_nobody_elses(email: str) -> None:
    """The notices to both must not arrive in one mailbox."""
    assert errors_of(email=email) == {"email": OWN_EMAIL}
    assert not same_email("", "")
    assert same_email("luc@ÉXEMPLE.ca", "luc@xn--xemple-9ua.ca")


@pytest.mark.parametrize(
    ("given", "family"),
    [("Anne Marie", "N’Diaye"), ("anne-marie", "NDIAYE"), ("N'Diaye", "Anne Marie"), ("", "Anne-Marie N’Diaye")],
)  # fmt: skip
def test_nobody_represents_themselves(given: str, family: str) -> None:
    """However the own name is spelt, in whichever order; the sentence says where a namesake goes."""
    if given:
        assert errors_of(given_name=given, family_name=family) == {"family_name": SELF}
    assert is_self("Anne", "N’Diaye", ANNE.identity) is False
    assert is_self("", "", ANNE.identity) is False


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in {"kind", "email"}])
@pytest.mark.parametrize(
    "text",
    ["\0", "\u202eabc", "<script>alert(1)</script>", "'; drop table account; --", "=1+1", "\ud7ff", "é" * 50, "😀"],
    ids=range(8),
)  # fmt: skip
def test_odd_texts_are_read_as_texts(name: str, text: str) -> None:
    """Whatever it is, it is a text or a sentence, never a fault; what nobody sees is gone."""
    typed = read(RIGHT | {name: text}, ANNE)
    assert "\0" not in typed.values[name] and "\u202e" not in typed.values[name]
