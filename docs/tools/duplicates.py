"""Writes the table of `docs/duplicates.md`: which synthetic pairs the score of record linkage finds, and which not.

    python docs/tools/duplicates.py            # prints the table
    python docs/tools/duplicates.py --write    # writes it into the document

Every person here is invented. A class of pairs that are one person is found from the score on from which somebody looks
(`accounts/linkage/comparison.py: REVIEWED`); one of two people is a false positive from there on.
"""

import sys
from pathlib import Path
from typing import Final, NamedTuple

from accounts.identities import Identity
from accounts.linkage.blocking import keys_of
from accounts.linkage.comparison import REVIEWED, Comparison, PersonRecord, compare

DOCUMENT: Final = Path(__file__).parents[1] / "duplicates.md"

BEGIN, END = "<!-- pairs -->", "<!-- /pairs -->"

Typed = tuple[str, str, str, str]
"""Family name, given name, date of birth, document."""


class PairClass(NamedTuple):
    """Pairs that differ in one way: of one person, or of two who are alike."""

    title: str
    is_one_person: bool
    pairs: list[tuple[Typed, Typed]]
    shares_contacts: bool = False
    declares: bool = False


def twice(
    name: tuple[str, str], other: tuple[str, str], born: str = "1984-03-07", also: str = ""
) -> tuple[Typed, Typed]:
    """One person under two spellings, whose passport was renewed meanwhile."""
    return (*name, born, "AB1234567"), (*other, also or born, "CD7654321")


def people(name: tuple[str, str], other: tuple[str, str], born: str, also: str) -> tuple[Typed, Typed]:
    """Two people, each with a passport."""
    return (*name, born, "AB1234567"), (*other, also, "AB1234568")


MAGHREBI: Final = [
    (("Benyahia", "Mohamed"), ("Ben Yahya", "Muhammad")),
    (("Bouazza", "Youssef"), ("Bouaza", "Yusuf")),
    (("Cherif", "Aïcha"), ("Sharif", "Aisha")),
    (("Belkacem", "Abdelkader"), ("Belqasem", "Abdul Qadir")),
    (("El Hachemi", "Khadija"), ("Hachmi", "Khadidja")),
    (("Rahmani", "Abderrahmane"), ("Rahmani", "Abdel Rahman")),
    (("Ouali", "Yacine"), ("Wali", "Yassine")),
    (("Djebbar", "Djamel"), ("Jabbar", "Jamal")),
    (("M’Barek", "Fatima Zahra"), ("Mbarek", "Fatma Ezzahra")),
    (("Haddad", "Noureddine"), ("Hadad", "Nour Eddine")),
    (("Aïssaoui", "Hocine"), ("Issawi", "Hussein")),
    (("Ghezali", "Rachid"), ("Gazali", "Rashid")),
    (("Lakhdari", "Zoulikha"), ("El Akhdari", "Zulaykha")),
    (("Guerroudj", "Sofiane"), ("Garouj", "Sufyan")),
    (("Ould Kaddour", "Mbarka"), ("Kadour", "Embarka")),
    (("Boumediene", "Hadj"), ("Bou Medien", "Haj")),
]

SWAPPED: Final = [
    (("Haddad", "Nour"), ("Nour", "Haddad")),
    (("Nguyen", "Van An"), ("An", "Nguyen Van")),
    (("Diallo", "Awa"), ("Awa", "Diallo")),
]

ARABIC: Final = [
    (("محمد", "علي"), ("Mohamed", "Ali")),
    (("بن علي", "عائشة"), ("Ben Ali", "Aïcha")),
    (("الهاشمي", "خديجة"), ("El Hachimi", "Khadija")),
    (("القادر", "عبد"), ("Abdelkader", "")),
    (("رحماني", "يوسف"), ("Rahmani", "Youssef")),
]

CHINESE: Final = [
    (("王", "伟"), ("Wang", "Wei")),
    (("王", "秀英"), ("Wang", "Xiuying")),
    (("李", "小龙"), ("Li", "Xiaolong")),
]

OTHER_SCRIPTS: Final = [
    (("Щербаков", "Владимир"), ("Chtcherbakov", "Vladimir")),
    (("Иванова", "Ольга"), ("Ivanova", "Olga")),
    (("Παπαδόπουλος", "Γιώργος"), ("Papadopoulos", "Giorgos")),
]

READINGS: Final = [
    (("山田", "太郎"), ("Yamada", "Taro")),
    (("陳", "大文"), ("Chan", "Tai Man")),
    (("김", "민준"), ("Kim", "Minjun")),
]

CLASSES: Final = [
    PairClass(
        "accents, case, hyphens, apostrophes",
        True,
        [
            twice(("Lefèvre", "Jean-Pierre"), ("LEFEVRE", "Jean Pierre")),
            twice(("N’Diaye", "Awa"), ("Ndiaye", "Awa")),
            twice(("Côté", "Élise"), ("Cote", "Elise")),
            twice(("Nguyễn", "Thị Mai"), ("Nguyen", "Thi Mai")),
        ],
    ),
    PairClass("family and given name exchanged", True, [twice(*pair) for pair in SWAPPED]),
    PairClass(
        "the same, and day and month exchanged",
        True,
        [twice(*pair, born="1984-03-07", also="1984-07-03") for pair in SWAPPED],
    ),
    PairClass(
        "day and month exchanged",
        True,
        [
            twice(("Traoré", "Mamadou"), ("Traoré", "Mamadou"), "1984-03-07", "1984-07-03"),
            twice(("Silva", "Paulo"), ("Silva", "Paulo"), "1990-11-02", "1990-02-11"),
        ],
    ),
    PairClass(
        "one digit of the date",
        True,
        [
            twice(("Traoré", "Mamadou"), ("Traoré", "Mamadou"), "1984-03-07", "1984-03-01"),
            twice(("Silva", "Paulo"), ("Silva", "Paulo"), "1990-11-02", "1991-11-02"),
        ],
    ),
    PairClass(
        "one letter of the name",
        True,
        [
            twice(("Kowalska", "Marta"), ("Kowalski", "Marta")),
            twice(("Bouchard", "Chloé"), ("Bouchart", "Chloé")),
            twice(("Gonzalez", "Lucía"), ("Gonzales", "Lucía")),
        ],
    ),
    PairClass(
        "a name left out",
        True,
        [
            twice(("García Márquez", "Lucía"), ("García", "Lucía")),
            twice(("Nguyen", "Van An"), ("Nguyen", "An")),
            twice(("Tremblay", "Marie Chloé"), ("Tremblay", "Chloé")),
        ],
    ),
    PairClass("Maghrebi names, two spellings", True, [twice(*pair) for pair in MAGHREBI]),
    PairClass(
        "the same, and day and month exchanged",
        True,
        [twice(*pair, born="1984-03-07", also="1984-07-03") for pair in MAGHREBI],
    ),
    PairClass("Arabic script beside Latin", True, [twice(*pair) for pair in ARABIC]),
    PairClass("Chinese beside pinyin", True, [twice(*pair) for pair in CHINESE]),
    PairClass("Cyrillic and Greek beside Latin", True, [twice(*pair) for pair in OTHER_SCRIPTS]),
    PairClass(
        "other readings (Japanese, Cantonese, Korean) beside Latin", True, [twice(*pair) for pair in READINGS]
    ),
    PairClass(
        "a name changed by marriage",
        True,
        [twice(("Petrescu", "Inès"), ("Haddad", "Inès")), twice(("Roy", "Amélie"), ("Gómez", "Amélie"))],
    ),
    PairClass(
        "the same, with e-mail and telephone kept",
        True,
        [twice(("Petrescu", "Inès"), ("Haddad", "Inès")), twice(("Roy", "Amélie"), ("Gómez", "Amélie"))],
        shares_contacts=True,
    ),
    PairClass(
        "one document under two names",
        True,
        [
            (
                ("Petrescu", "Inès", "1984-03-07", "AB1234567"),
                ("Garcia", "Olga", "1990-01-12", "AB 123-4567"),
            ),
            (("Roy", "Amélie", "1984-03-07", "AB1034567"), ("Gómez", "Lucía", "1984-03-07", "ABI034567")),
        ],
    ),
    PairClass(
        "an invented date of birth, the same name",
        True,
        [twice(("Traoré", "Mamadou"), ("Traoré", "Mamadou"), "1984-03-07", "1971-10-29")],
    ),
    PairClass(
        "the same name, both « born on 1 January »",
        True,
        [twice(("Benali", "Mohamed"), ("Benali", "Mohamed"), "1985-01-01")],
    ),
    PairClass(
        "twins",
        False,
        [
            people(("Roy", "Amélie"), ("Roy", "Chloé"), "1984-03-07", "1984-03-07"),
            people(("Benali", "Karim"), ("Benali", "Samir"), "1984-03-07", "1984-03-07"),
            people(("Diallo", "Awa"), ("Diallo", "Aïssatou"), "1984-03-07", "1984-03-07"),
            people(("Silva", "Paulo"), ("Silva", "Diego"), "1984-03-07", "1984-03-07"),
        ],
        shares_contacts=True,
    ),
    PairClass(
        "twins whose names sound alike",
        False,
        [
            people(("Haddad", "Hassan"), ("Haddad", "Hussein"), "1984-03-07", "1984-03-07"),
            people(("Benali", "Amine"), ("Benali", "Amina"), "1984-03-07", "1984-03-07"),
            people(("Roy", "Marie"), ("Roy", "Maria"), "1984-03-07", "1984-03-07"),
        ],
        shares_contacts=True,
    ),
    PairClass(
        "the same, one declared as the other’s relative",
        False,
        [
            people(("Haddad", "Hassan"), ("Haddad", "Hussein"), "1984-03-07", "1984-03-07"),
            people(("Benali", "Amine"), ("Benali", "Amina"), "1984-03-07", "1984-03-07"),
        ],
        shares_contacts=True,
        declares=True,
    ),
    PairClass(
        "father and son of one name",
        False,
        [
            people(("Diallo", "Mamadou"), ("Diallo", "Mamadou"), "1961-03-07", "1991-03-07"),
            people(("Roy", "Marc"), ("Roy", "Marc"), "1958-10-20", "1986-04-11"),
        ],
        shares_contacts=True,
    ),
    PairClass(
        "brothers and sisters",
        False,
        [
            people(("Benali", "Karim"), ("Benali", "Samir"), "1984-03-07", "1986-05-19"),
            people(("Roy", "Amélie"), ("Roy", "Marc"), "1984-03-07", "1984-12-28"),
        ],
        shares_contacts=True,
    ),
    PairClass(
        "couples",
        False,
        [
            people(("Roy", "Amélie"), ("Roy", "Marc"), "1984-03-07", "1982-05-19"),
            people(("Petrescu", "Inès"), ("Haddad", "Karim"), "1984-03-07", "1984-07-03"),
            people(("Chen", "Mei"), ("Nguyen", "Viktor"), "1984-03-07", "1984-03-07"),
        ],
        shares_contacts=True,
    ),
    PairClass(
        "common names, other dates",
        False,
        [
            people(("Nguyen", "Mai"), ("Nguyen", "Mai"), "1984-03-07", "1991-10-22"),
            people(("Benali", "Mohamed"), ("Benali", "Mohamed"), "1984-03-07", "1985-11-30"),
            people(("Garcia", "Lucía"), ("Garcia", "Lucía"), "1984-03-07", "1979-06-18"),
        ],
    ),
    PairClass(
        "common names, one date",
        False,
        [people(("Nguyen", "Mai"), ("Nguyen", "Mai"), "1984-03-07", "1984-03-07")],
    ),
    PairClass(
        "common names, both « born on 1 January »",
        False,
        [
            people(("Benali", "Mohamed"), ("Benali", "Mohamed"), "1985-01-01", "1985-01-01"),
            people(("Rahimi", "Fatima"), ("Rahimi", "Fatima"), "1990-01-01", "1990-01-01"),
        ],
    ),
    PairClass(
        "strangers born on one day",
        False,
        [
            people(("Petrescu", "Andrei"), ("Okafor", "Ngozi"), "1984-03-07", "1984-03-07"),
            people(("Chen", "Mei"), ("Silva", "Paulo"), "1984-03-07", "1984-07-03"),
        ],
    ),
    PairClass(
        "clients of one lawyer",
        False,
        [people(("Petrescu", "Andrei"), ("Okafor", "Ngozi"), "1984-03-07", "1979-01-30")],
        shares_contacts=True,
    ),
]


class Outcome(NamedTuple):
    """Of a class: how many pairs reach a person, how many meet in a block at all, and the scores seen."""

    of: PairClass
    reviewed: int
    blocked: int
    scores: list[int]


def record(typed: Typed, of: PairClass, relative: Typed | None) -> PersonRecord:
    """A typed person as a record."""
    contacts = ("famille@exemple.invalid", "+33 1 00 00 00 01") if of.shares_contacts else ("", "")
    family, given, born, passport = typed
    identity = Identity(family_name=family, given_name=given, birth_date=born, passport=passport)
    relatives = (
        ()
        if relative is None
        else (Identity(family_name=relative[0], given_name=relative[1], birth_date=relative[2], passport=""),)
    )
    return PersonRecord(identity=identity, emails=contacts[:1], telephones=contacts[1:], relatives=relatives)


def judged(of: PairClass, pair: tuple[Typed, Typed]) -> tuple[Comparison, bool]:
    """What a pair comes to, and whether it is compared at all: only records with a blocking key in common are."""
    one, other = record(pair[0], of, pair[1] if of.declares else None), record(pair[1], of, None)
    return compare(one, other), bool(set(keys_of(one)) & set(keys_of(other)))


def outcomes() -> list[Outcome]:
    """Every class, judged."""
    found = []
    for of in CLASSES:
        results = [judged(of, pair) for pair in of.pairs]
        reviewed = sum(comparison.is_reviewed and is_blocked for comparison, is_blocked in results)
        found.append(
            Outcome(
                of,
                reviewed,
                sum(is_blocked for _, is_blocked in results),
                sorted(comparison.score for comparison, _ in results),
            )
        )
    return found


def table() -> str:
    """The table, as the document has it."""
    lines = ["| pairs | of | compared | a person looks | scores | |", "|---|---|---|---|---|---|"]
    for of, reviewed, blocked, scores in outcomes():
        if of.is_one_person:
            word = "found" if reviewed == len(of.pairs) else "**missed**" if not reviewed else "some missed"
        else:
            word = "left alone" if not reviewed else "false positive"
        span = f"{scores[0]}" if scores[0] == scores[-1] else f"{scores[0]} to {scores[-1]}"
        who = "one person" if of.is_one_person else "two people"
        lines.append(f"| {who}: {of.title} | {len(of.pairs)} | {blocked} | {reviewed} | {span} | {word} |")
    return "\n".join(lines)


def written(text: str) -> str:
    """The document with the table of now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> None:
    """Print the table, or write it."""
    if "--write" in sys.argv:
        DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8")), "utf-8")
    else:
        print(f"from {REVIEWED} points on a person looks\n\n{table()}")


if __name__ == "__main__":
    main()
