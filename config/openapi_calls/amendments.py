"""The calls about what is added to a submission after its payment."""

from typing import Final

from casework.amendments.api import ADDRESS, AmendmentBody
from casework.amendments.giving_up.api import GIVE_UP
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from console.amendments import api
from console.amendments.api import AmendmentQuestion
from foundation.errors import Code

OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND)

AMENDMENTS: Final = (
    Call("get", ADDRESS, "What was added to a file, its version, and what can be added now.", {200: "Amendments"},
         Credential.SESSION, codes=OWN),
    Call("post", ADDRESS, "Add a change, with its day; sent again with its key, the same.", {201: "Amendment"},
         Credential.SESSION, AmendmentBody, (*OWN, Code.MODIFICATION_NOT_AVAILABLE, Code.DRAFT_CHANGED)),
    Call("post", GIVE_UP, "Give up an amendment that waits for its fee; said again, the same.", {200: "Amendment"},
         Credential.SESSION, codes=(*OWN, Code.ALREADY_PAID, Code.MOVE_NOT_ALLOWED)),
    Call("get", api.ADDRESS, "Amendments that wait for an agent, the oldest first.", {200: "QueuedAmendments"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("get", f"{api.ADDRESS}/{{number}}", "One file's beside what was signed; the look is on record.",
         {200: "AmendedFile"}, Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{api.ADDRESS}/{{number}}/{{serial}}/{{amendment_act}}", "`acknowledge`, or `ask` with a question.",
         {200: "Amendment"}, Credential.OPERATOR, AmendmentQuestion, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED)),
)  # fmt: skip
"""The calls about amendments, for the account of a file and for agents."""
