"""Where files stand, folded again from their events: what each event says that it did must be what it did. Pure.

The agents' queue goes by what the events say (`moved_to`); the rest of the service folds.
"""

from collections import defaultdict

from casework.files.states import FileEventKind
from casework.files.status import moves_of
from evidence.books import Books, BrokenPromise, FileEventRow, found
from evidence.promises import Promise

OTHER = "an event of a file does not say where it brought the file"


def files_stand(books: Books) -> list[BrokenPromise]:
    """The events that say another status than the fold finds, or none where it finds one."""
    of_file = defaultdict[int, list[FileEventRow]](list)
    for event in sorted(books.file_events, key=lambda one: one.id):
        of_file[event.submission].append(event)
    wrong = [
        f"submission {number}: {event.kind} says {event.moved_to}, and it is {right}"
        for number, happened in of_file.items()
        for event, right in zip(happened, moves_of(FileEventKind(one.kind) for one in happened), strict=True)
        if event.moved_to != right
    ]
    return found(Promise.P3, OTHER, wrong)
