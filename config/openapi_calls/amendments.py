"""The calls about what is added to a submission after its payment."""

from typing import Final

from casework.amendments.api import ADDRESS, AmendmentBody
from config.openapi_calls.shape import Call, Credential
from foundation.errors import Code

OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND)

AMENDMENTS: Final = (
    Call("get", ADDRESS, "What was added to a file, its version, and what can be added now.", {200: "Amendments"},
         Credential.SESSION, codes=OWN),
    Call("post", ADDRESS, "Add a change, with its day; sent again with its key, the same.", {201: "Amendment"},
         Credential.SESSION, AmendmentBody, (*OWN, Code.MODIFICATION_NOT_AVAILABLE, Code.DRAFT_CHANGED)),
)  # fmt: skip
"""The calls about amendments, for the account of a file."""
