"""Files of the rules are read strictly: every mistake is told with file, line and key."""

from pathlib import Path

import pytest

from casework.decisions.files import DecisionFileError, load_decision_rules, load_rules
from config.settings import PROGRAMMES

GOOD = (PROGRAMMES / "decisions" / "demo.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('outcome = "closed"', 'outcome = "accepted"', "key outcomes: accepted is there twice"),
        ('outcome = "closed"', 'outcome = "lost"', "key outcomes[3].outcome"),
        ("second_person = false", "second_person = 0", "key outcomes[0].second_person"),
        (
            'remedies = ["reexamination"]',
            'remedies = ["appeal"]',
            "outcomes[1].remedies: there is no remedy appeal",
        ),
        ('remedies = ["reexamination"]', "remedies = []", "is told with its remedies"),
        ("days = 90 ", "days = 0 ", "key remedies[0].days"),
        ('id = "reexamination"', 'id = "reexamination"\nwho = 1', "key remedies[0].who: is not known"),
        ('programme = "demo"', 'programme = "other"', "the file is called demo.toml"),
        ("[[remedies]]", "[remedies]", "write [[remedies]] tables"),
        ("sample = true", "sample = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    path = tmp_path / "demo.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DecisionFileError) as refused:
        load_rules(path)
    assert str(path) in str(refused.value) and said in str(refused.value), refused.value


def test_rules_of_a_programme_that_there_is_not_are_refused(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(DecisionFileError, match="there is no programme demo"):
        load_decision_rules(tmp_path, {})
    (tmp_path / "demo.toml").write_bytes(b"\xff")
    with pytest.raises(DecisionFileError, match="UTF-8"):
        load_rules(tmp_path / "demo.toml")
