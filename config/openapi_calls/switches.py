"""The calls about features that are switched on by date."""

from typing import Final

from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from console.switches.api import ADDRESS
from console.switches.desk import TypedSwitch
from foundation.errors import Code

SWITCHES: Final = (
    Call("get", ADDRESS, "Every switch of every programme, the latest first.", {200: "Switches"}, Credential.OPERATOR,
         codes=AT_THE_DESK),
    Call("post", ADDRESS, "Plan that a feature turns on; `on_at` as people type instants.", {201: "Switch"},
         Credential.OPERATOR, TypedSwitch, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED)),
    Call("post", f"{ADDRESS}/{{switch}}/{{switch_act}}", "`approve` as a second person, or `end` with a reason.",
         {200: "Switch"}, Credential.OPERATOR, TypedSwitch,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.SECOND_PERSON_NEEDED)),
)  # fmt: skip
"""The calls about switches, for staff."""
