"""Where a file stands: folded from its events by one table, never set. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from casework.files.states import FileEventKind, FileStatus
from submission.states import SubmissionStatus

_K, _S = FileEventKind, FileStatus

MOVES: Final[Mapping[FileStatus, Mapping[FileEventKind, FileStatus]]] = {
    _S.AWAITING_PAYMENT: {
        _K.PAID: _S.PAID,
        _K.OPENED: _S.OPENED,
        _K.UNPAID_DELETED: _S.UNPAID_DELETED,
        _K.RETURNED_DELETED: _S.RETURNED_DELETED,
        _K.WITHDRAWN: _S.WITHDRAWN,
    },
    _S.PAID: {
        _K.PAYMENT_REVERSED: _S.REVERSED,
        _K.CHECKLIST_SENT: _S.AWAITING_DOCUMENTS,
        _K.AMENDED: _S.PAID,
        _K.DECIDED: _S.DECIDED,
        _K.WITHDRAWN: _S.WITHDRAWN,
    },
    _S.OPENED: {
        _K.CHECKLIST_SENT: _S.AWAITING_DOCUMENTS,
        _K.AMENDED: _S.OPENED,
        _K.DECIDED: _S.DECIDED,
        _K.WITHDRAWN: _S.WITHDRAWN,
    },
    _S.REVERSED: {
        _K.PAID: _S.PAID,
        _K.UNPAID_DELETED: _S.UNPAID_DELETED,
        _K.DECIDED: _S.DECIDED,
        _K.WITHDRAWN: _S.WITHDRAWN,
    },
    _S.AWAITING_DOCUMENTS: {
        _K.PAYMENT_REVERSED: _S.REVERSED,
        _K.CHECKLIST_SENT: _S.AWAITING_DOCUMENTS,
        _K.ITEM_SETTLED: _S.AWAITING_DOCUMENTS,
        _K.DOCUMENTS_COMPLETE: _S.IN_EXAMINATION,
        _K.AMENDED: _S.AWAITING_DOCUMENTS,
        _K.DECIDED: _S.DECIDED,
        _K.WITHDRAWN: _S.WITHDRAWN,
    },
    _S.IN_EXAMINATION: {
        _K.PAYMENT_REVERSED: _S.REVERSED,
        _K.CHECKLIST_SENT: _S.AWAITING_DOCUMENTS,
        _K.DOCUMENTS_REOPENED: _S.AWAITING_DOCUMENTS,
        _K.AMENDED: _S.IN_EXAMINATION,
        _K.DECIDED: _S.DECIDED,
        _K.WITHDRAWN: _S.WITHDRAWN,
    },
    _S.DECIDED: {_K.DECISION_REPLACED: _S.DECIDED},
}
"""Status -> what may happen in it -> the status after it. A status that is not here is an end."""

ANYWHERE: Final = frozenset(
    {
        FileEventKind.DEADLINE_MOVED,
        FileEventKind.PAYMENT_REDATED,
        FileEventKind.SUPPLEMENT_PAID,
        FileEventKind.SUPPLEMENT_REVERSED,
        FileEventKind.AMENDMENT_LAPSED,
        FileEventKind.AMENDMENT_GIVEN_UP,
        FileEventKind.AMENDMENT_RESTORED,
    }
)
"""What may happen in any status that is no end, and moves none."""

ENDED: Final = {
    SubmissionStatus.ANNULLED: FileStatus.ANNULLED,
    SubmissionStatus.REMOVED: FileStatus.REMOVED,
    SubmissionStatus.DUPLICATE: FileStatus.DUPLICATE,
    SubmissionStatus.CEDED: FileStatus.CEDED,
}
"""Standing of the submission itself -> status of its file, whatever happened in it."""

ENDS: Final = frozenset(FileStatus) - frozenset(MOVES)
"""Statuses in which nothing more happens to a file."""


def moved(status: FileStatus, event: FileEventKind) -> FileStatus | None:
    """The status after an event; None where this cannot happen."""
    if status not in MOVES:
        return None
    return status if event in ANYWHERE else MOVES[status].get(event)


def status_of(standing: SubmissionStatus, events: Iterable[FileEventKind]) -> FileStatus:
    """Where a file stands, of its submission's standing and its events in their order.

    An event that the table does not know in its place moves nothing: the record keeps what was said, the status what is
    so.
    """
    if standing in ENDED:
        return ENDED[standing]
    status = FileStatus.AWAITING_PAYMENT
    for event in events:
        status = moved(status, event) or status
    return status


def moves_of(events: Iterable[FileEventKind]) -> Iterator[FileStatus | None]:
    """Of each event of a file, in their order, the status that it brought the file to; None where it moved none, and
    whatever its submission stands like."""
    status = FileStatus.AWAITING_PAYMENT
    for event in events:
        after = moved(status, event)
        yield None if after is None or after is status else after
        status = after or status
