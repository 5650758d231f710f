"""Whether a form holds together: each fault is found when the file is read, with its line and key."""

import pytest

from submission.forms.files import FormFileError
from tests.support.forms.small import field, form, form_of, section, text

SEX = field("sex", "choice", 'options = { f = "Femme", m = "Homme" }')

BORN = field("born", "date")

KIDS = section("kids", field("name"), more='repeats = { name = "Enfant", most = 3 }')


def when(condition: str) -> str:
    return f"when = {condition}"


FAULTS = {
    "two-sections": ([section("a", field("b")), section("a", field("b"))], "sections[0].id", "two sections"),
    "two-fields": ([section("a", field("b"), field("b"))], "fields[0].id", "two fields"),
    "taken": ([section("a", field("key"))], "fields[0].id", "taken"),
    "no-options": ([section("a", field("b", "choice"))], "fields[0].type", "needs options"),
    "options": ([section("a", field("b", more='options = { x = "X" }'))], "fields[0].options", "only choice"),
    "text-bounds": ([section("a", field("b", more="least = 1"))], "fields[0].least", "no least"),
    "bounds": (
        [section("a", field("b", "number", "least = 2\nmost = 1"))],
        "fields[0].least",
        "more than most",
    ),
    "past": ([section("a", field("b", more="past = true"))], "fields[0].past", "only dates"),
    "account-type": (
        [section("a", field("b", more='from_account = "birth_date"'))],
        "fields[0].from_account",
        "type text does not take birth_date",
    ),
    "account-member": (
        [
            section(
                "a", field("b", more='from_account = "passport"'), more='repeats = { name = "X", most = 3 }'
            )
        ],
        "fields[0].from_account",
        "not the account's owner",
    ),
    "paper": ([section("a", field("b", more='beyond_paper = "x"'))], "fields[0]", "DR-06"),
    "members": (
        [section("a", field("b"), more='repeats = { name = "X", least = 3, most = 2 }')],
        "sections[0].repeats",
        "more than most",
    ),
    "unknown-field": (
        [section("a", field("b", more=when('{ is = "filled", field = "c" }')))],
        "fields[0].when",
        "no field c",
    ),
    "unknown-section": (
        [section("a", field("b", more=when('{ is = "filled", field = "z.c" }')))],
        "fields[0].when",
        "no section z",
    ),
    "unqualified": (
        [section("a", field("b"), more=when('{ is = "filled", field = "b" }'))],
        "when",
        "with their section",
    ),
    "repeated-field": (
        [KIDS, section("a", field("b", more=when('{ is = "filled", field = "kids.name" }')))],
        "when",
        "is repeated",
    ),
    "not-repeated": (
        [section("a", field("b", more=when('{ is = "count", section = "a", at_least = 1 }')))],
        "when",
        "is not repeated",
    ),
    "no-count": (
        [KIDS, section("a", field("b", more=when('{ is = "count", section = "kids" }')))],
        "when",
        "at_least or at_most",
    ),
    "count-never": (
        [
            KIDS,
            section(
                "a", field("b", more=when('{ is = "count", section = "kids", at_least = 2, at_most = 1 }'))
            ),
        ],
        "when",
        "never",
    ),
    "some": (
        [
            KIDS,
            section(
                "a",
                field(
                    "b",
                    more=when('{ is = "some", section = "kids", where = { is = "filled", field = "x" } }'),
                ),
            ),
        ],
        "when",
        "no field x",
    ),
    "wrong-type": (
        [section("a", SEX, field("b", more=when('{ is = "greater", field = "sex", than = 1 }')))],
        "fields[1].when",
        "type choice",
    ),
    "wrong-value": (
        [section("a", SEX, field("b", more=when('{ is = "equals", field = "sex", value = "x" }')))],
        "fields[1].when",
        "never 'x'",
    ),
    "both-days": (
        [
            section(
                "a",
                BORN,
                field("b", more=when('{ is = "before", field = "born", other = "born", day = 2016-01-01 }')),
            )
        ],
        "fields[1].when",
        "one of them",
    ),
    "dates": (
        [section("a", field("b", more=when('{ is = "dates", since = 2016-02-01, until = 2016-01-01 }')))],
        "fields[0].when",
        "never",
    ),
    "required-when": (
        [section("a", field("b", more='required_when = { is = "filled", field = "x" }'))],
        "fields[0].required_when",
        "no field x",
    ),
    "circle": (
        [
            section(
                "a",
                field("b", more=when('{ is = "filled", field = "c" }')),
                field("c", more=when('{ is = "filled", field = "b" }')),
            )
        ],
        "fields[0].when",
        "a.b → a.c → a.b",
    ),
    "circle-of-sections": (
        [
            section("a", field("b"), more=when('{ is = "filled", field = "c.d" }')),
            section("c", field("d"), more=when('{ is = "filled", field = "a.b" }')),
        ],
        "sections[0]",
        "wait for each other",
    ),
    "circle-of-members": (
        [
            section(
                "a",
                field("b", more=when('{ is = "count", section = "a", at_least = 1 }')),
                more='repeats = { name = "X", most = 3 }',
            )
        ],
        "sections[0]",
        "a → a",
    ),
    "unreachable": (
        [
            section("a", SEX),
            section(
                "c",
                field("d"),
                more=when(
                    '{ is = "all", of = [{ is = "equals", field = "a.sex", value = "f" }, '
                    '{ is = "equals", field = "a.sex", value = "m" }] }'
                ),
            ),
        ],
        "sections[1].when",
        "nobody reaches c",
    ),
    "contradiction": (
        [
            section(
                "a",
                SEX,
                field(
                    "b",
                    more=when(
                        '{ is = "all", of = [{ is = "filled", field = "sex" }, '
                        '{ is = "not", of = { is = "filled", field = "sex" } }] }'
                    ),
                ),
            )
        ],
        "fields[1].when",
        "nobody reaches a.b",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_is_found_when_the_file_is_read(name: str) -> None:
    """The sentence says file, line, key and reason."""
    sections, key, reason = FAULTS[name]
    with pytest.raises(FormFileError) as raised:
        form(*sections)
    sentence = str(raised.value).splitlines()[0]
    assert key in sentence
    assert reason in sentence
    assert "essai.1.toml: line " in sentence


def test_a_form_without_faults_is_read() -> None:
    """Twin: the parts that the faults are made of are right by themselves."""
    made = form(section("a", SEX, BORN, field("b")), KIDS)
    assert len(made.sections) == 2


def test_a_rule_is_checked_too() -> None:
    """Its condition, its days, its name."""
    rule = (
        '[[sections.fields.rules]]\nid = "r"\nsource = "x"\n{}\n'
        'holds = {{ is = "filled", field = "b" }}\nerror = "x"\n'
    )
    good = form(section("a", field("b"), rule.format("since = 2016-01-01")))
    assert good.sections[0].fields[0].rules[0].id == "r"
    with pytest.raises(FormFileError, match=r"rules\[0\]\.since.*never in force"):
        form_of(text(section("a", field("b"), rule.format("since = 2016-01-02\nuntil = 2016-01-01"))))
    with pytest.raises(FormFileError, match=r"two rules are called r"):
        form_of(text(section("a", field("b"), rule.format(""), rule.format(""))))
