"""The calls about taking an application back."""

from typing import Any, Final

from casework.files.states import FileStatus
from casework.withdrawal.api import ADDRESS, WithdrawalBody
from config.openapi_calls.shape import Call, Credential
from config.openapi_schemas import TEXT, nullable, record
from foundation.errors import Code
from submission.states import Capacity

OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND)

WITHDRAWALS: Final = (
    Call("get", ADDRESS, "What taking an application back means now, and who may do it.", {200: "Withdrawal"},
         Credential.SESSION, codes=OWN),
    Call("post", ADDRESS, "Take it back, upon the `seen` of the GET; for good, and once.", {200: "Withdrawal"},
         Credential.SESSION, WithdrawalBody,
         (*OWN, Code.MOVE_NOT_ALLOWED, Code.REPRESENTATIVE_NOT_RECOGNISED, Code.CHANGED_MEANWHILE)),
)  # fmt: skip
"""For the account of a file."""

WITHDRAWAL_ANSWERS: Final[dict[str, Any]] = {
    "Withdrawal": record(
        number=TEXT, status={"enum": [one.value for one in FileStatus]},
        capacities={"type": "array", "items": {"enum": [one.value for one in Capacity]}},
        says={"type": "array", "items": TEXT}, seen=nullable(TEXT),
    ),
}  # fmt: skip
