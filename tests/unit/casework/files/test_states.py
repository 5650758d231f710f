"""Statuses of files: each has its words."""

from casework.files.states import STATUSES, TEXTS, FileStatus


def test_every_status_has_its_name_and_its_text() -> None:
    assert set(STATUSES) == set(TEXTS) == set(FileStatus)
    assert len(set(STATUSES.values())) == len(STATUSES)
    assert all(text.endswith(".") for text in TEXTS.values())
