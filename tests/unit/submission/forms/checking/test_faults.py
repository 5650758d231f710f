"""A fault has a place and a reason."""

from submission.forms.checking.faults import FormFault


def test_a_fault_reads_as_both() -> None:
    """In this order."""
    at, reason = FormFault(("name",), "is missing")
    assert (at, reason) == (("name",), "is missing")
