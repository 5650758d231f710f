"""Normal forms of names, numbers and contacts."""

import pytest

from accounts.linkage import forms

ALIKE = [
    ("Mohamed", "Muhammad", "محمد"),
    ("Youssef", "Yusuf", "يوسف"),
    ("Khadija", "Khadidja", "خديجة"),
    ("Chérif", "Sharif", "شريف"),
    ("Abdelkader", "Abdul Qadir", "عبد القادر"),
    ("Abderrahmane", "Abdel Rahman", "عبد الرحمان"),
    ("Ben Ali", "Benali", "بن علي"),
    ("Ghezali", "Gazali", "غزالي"),
    ("Shcherbakov", "Chtcherbakov", "Щербаков"),
]


@pytest.mark.parametrize("names", ALIKE, ids=[names[0] for names in ALIKE])
def test_spellings_of_one_name_have_one_skeleton(names: tuple[str, ...]) -> None:
    """However it is transliterated, and in its own script."""
    found = {tuple(forms.skeleton(word) for word in forms.words(name)) for name in names}
    assert len(found) == 1, found


def test_a_chinese_name_is_words() -> None:
    """Each sign stands apart, as pinyin has it."""
    assert forms.words("王伟") == ("wang", "wei")
    assert forms.words("大文") == ("da", "wen")


def test_words_that_some_leave_out_do_not_count() -> None:
    """Articles and particles; a name that is nothing else keeps them."""
    assert forms.words("El Hachemi") == forms.words("Hachemi")
    assert forms.words("de la Tour") == ("tour",)
    assert forms.words("Le") == ("le",)
    assert forms.words("") == ()


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("+33 1 00 00 00 01", "+33100000001"),
        ("0033 1 00 00 00 01", "+33100000001"),
        ("514 555-0199", "+15145550199"),
        ("(514) 555-0199, poste 12", "+15145550199"),
        ("+1 514 555-0199 poste 12", "+15145550199"),
        ("514.555.0199 x12", "+15145550199"),
        ("12", ""),
        ("demander Anne", ""),
        ("", ""),
    ],
)
def test_a_telephone_has_one_form(typed: str, form: str) -> None:
    """Without its extension, which the library would read as digits; empty for what is none."""
    assert forms.telephone(typed) == form


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("Anne+guichet@Exemple.invalid", "anne@exemple.invalid"),
        ("anne@xn--exmple-cva.com", "anne@exémple.com"),
        (" anne@exemple.invalid ", "anne@exemple.invalid"),
        ("anne", ""),
        ("a b@c@d", ""),
        ("", ""),
    ],
)
def test_an_address_has_one_form(typed: str, form: str) -> None:
    """Case, tag and encoding of the domain aside; empty for what is none."""
    assert forms.e_mail(typed) == form


def test_a_document_is_read_as_it_may_have_been_typed() -> None:
    """O for 0 and I for 1, whatever stands between."""
    assert forms.document("ab 1O3-I") == forms.document("AB1031") != forms.document("AB1032")
