"""Statuses of files: each has its words."""

from casework.files.states import EVENTS, STATUSES, TEXTS, FileEventKind, FileStatus


def test_every_status_has_its_name_and_its_text() -> None:
    assert set(STATUSES) == set(TEXTS) == set(FileStatus)
    assert len(set(STATUSES.values())) == len(STATUSES)
    assert all(text.endswith(".") for text in TEXTS.values())


def test_every_event_has_its_words() -> None:
    assert set(EVENTS) == set(FileEventKind)
    assert len(set(EVENTS.values())) == len(EVENTS)
