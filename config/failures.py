"""What a person at the command line reads when something outside the program is wrong: one sentence, what to do in it.

Only for what can be expected of the outside world. A fault of ours keeps its traceback.
"""

import asyncio
import errno
import sqlite3

import redis.exceptions
from sqlalchemy.exc import DBAPIError

from accounts.bulk_import.csv_files import AccountFileError
from accounts.personal_data.fields import UnreadableField
from accounts.staff import StaffProblem
from casework.checklists.files import ChecklistFileError
from casework.decisions.files import DecisionFileError
from config.processes.embedded import NotStarted
from config.settings import WrongSetting
from evidence.recount_draw import UnverifiableDraw
from foundation.errors import Refusal, Unavailable
from quota.programmes import ProgrammeError
from submission.forms.files import FormFileError


class Failed(RuntimeError):
    """The work cannot go on; the text is the sentence to show."""


class UnknownVersion(RuntimeError):
    """The database is at a step that this version of the program does not know."""


OUTSIDE = (
    Failed, AccountFileError, FormFileError, ChecklistFileError, DecisionFileError,
    StaffProblem, WrongSetting, UnknownVersion, NotStarted, ProgrammeError,
    UnreadableField, UnverifiableDraw, Refusal, DBAPIError,
    sqlite3.Error, redis.exceptions.RedisError, OSError,
)  # fmt: skip
"""What `sentence` knows."""

NOT_MIGRATED = "The database has no tables yet, or old ones: run `guichet migrate` first."

_SYSTEM = {
    errno.ENOSPC: "There is no space left on the disk{where}: make room and start again.",
    errno.EDQUOT: "The disk quota of this user is used up{where}: make room and start again.",
    errno.EACCES: "Writing or reading is not permitted{where}: choose another folder or change its permissions.",
    errno.EPERM: "That is not permitted{where}: choose another folder or change its permissions.",
    errno.EROFS: "The file system is read-only{where}: choose another folder.",
    errno.ENOTDIR: "This is not a folder{where}: choose another one.",
    errno.EEXIST: "This is not a folder{where}: choose another one.",
    errno.ENOENT: "There is no such file or folder{where}.",
}


def sentence(problem: BaseException) -> str:
    """One sentence for one of `OUTSIDE`, without a password or a value of anybody's."""
    if isinstance(problem, Unavailable):
        cause = problem.__cause__
        return (
            sentence(cause)
            if isinstance(cause, OUTSIDE)
            else "The database does not answer in time: try again."
        )
    if isinstance(problem, Refusal):
        fields = ", ".join(f"{name}: {value}" for name, value in problem.fields.items())
        return f"Refused: {problem.code}{f' ({fields})' if fields else ''}."
    if isinstance(problem, DBAPIError | sqlite3.Error):
        return of_database(problem)
    if isinstance(problem, redis.exceptions.RedisError):
        return f"Redis does not answer as it should: {first_line(problem)}."
    if isinstance(problem, OSError):
        return of_system(problem)
    return str(problem)


def of_database(problem: DBAPIError | sqlite3.Error) -> str:
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    said = first_line(cause)
    if (
        "no such table" in said
        or "no such column" in said
        or ("does not exist" in said and ("relation" in said or "column" in said))
    ):
        return NOT_MIGRATED
    if "disk is full" in said:
        return "The disk is full: the database cannot be written; make room and start again."
    if "unable to open" in said or "readonly" in said or "read-only" in said:
        return f"The database file cannot be opened or written ({said}): choose another folder."
    if isinstance(cause, OSError):
        return f"The database does not answer: {first_line(cause)}."
    return f"The database refuses: {said}."


def of_system(problem: OSError) -> str:
    named = problem.filename if isinstance(problem.filename, str) else None
    where = f" ({named})" if named else ""
    if problem.errno == errno.EADDRINUSE:
        return "The address is taken: another program listens there; choose another port."
    if isinstance(problem, asyncio.TimeoutError):
        return "A store did not answer in time; look whether it runs."
    if isinstance(problem, ConnectionError):
        return f"A store does not answer: {first_line(problem)}."
    known = _SYSTEM.get(problem.errno or 0)
    return (
        known.format(where=where) if known else f"The system refuses: {problem.strerror or problem}{where}."
    )


def first_line(problem: BaseException | None) -> str:
    lines = str(problem).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(problem).__name__
