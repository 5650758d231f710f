"""What was signed and what stands now, question by question, and by which amendment. Pure."""

import msgspec

from casework.amendments import folding
from casework.amendments.reading import AmendableFile
from submission.forms.evaluation import evaluate


class AmendedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One question that no longer reads as it was signed: `serials` are the amendments that touched it."""

    label: str
    signed: str
    now: str
    serials: list[int]


def rows_of(file: AmendableFile) -> list[AmendedRow]:
    """Every question that reads differently now, in the form's order."""
    signed = evaluate(file.form, file.frozen_answers, file.today)
    now_is = evaluate(file.form, file.now_is, file.today)
    touched: dict[str, list[int]] = {}
    for one in filter(lambda one: one.counts, file.amendments):
        for line in one.content.lines:
            touched.setdefault(line.path, []).append(one.serial)
    return [
        AmendedRow(label=line.label, signed=line.before, now=line.after, serials=touched.get(line.path, []))
        for line in folding.differences(file.form, signed, now_is)
    ]
