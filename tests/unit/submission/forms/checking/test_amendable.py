"""What a form says can be amended is held against what it asks."""

import msgspec
import pytest

from submission.forms.checking.amendable import amendment_faults
from submission.forms.model import AmendmentKind, FormAmendment
from tests.support.casework.amended import WHOLE_FORM


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        pytest.param(FormAmendment(), "asks nothing", id="nothing"),
        pytest.param(FormAmendment(fields=("contact.nowhere",)), "is no field", id="no-field"),
        pytest.param(FormAmendment(fields=("children.given_name",)), "is no field", id="field-of-members"),
        pytest.param(FormAmendment(sections=("children",)), "filled in once", id="section-that-repeats"),
        pytest.param(FormAmendment(member_of="spouse"), "no section that repeats", id="member-of-one"),
        pytest.param(FormAmendment(fields=("identity.passport",)), "never amended", id="identity-field"),
        pytest.param(FormAmendment(sections=("identity",)), "never amended", id="identity-section"),
        pytest.param(
            FormAmendment(member_of="children", sets={"identity.sex": "f"}),
            "never amended",
            id="identity-set",
        ),
    ],
)
def test_a_mistake_is_told(rules: FormAmendment, reason: str) -> None:
    """With the place of its key; the file as it comes has none."""
    wrong = msgspec.structs.replace(WHOLE_FORM, amendments={AmendmentKind.STATUS: rules})
    found = list(amendment_faults(wrong))
    assert any(reason in fault.reason for fault in found)
    assert all(fault.at[:2] == ("amendments", "status") for fault in found)
    assert list(amendment_faults(WHOLE_FORM)) == []
