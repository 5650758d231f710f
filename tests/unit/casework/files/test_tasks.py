"""Kinds of tasks of files are told apart."""

from casework.files.tasks import FileTask
from submission.follow_up import FollowUp


def test_no_other_task_has_their_names() -> None:
    assert not set(map(str, FileTask)) & set(map(str, FollowUp))
