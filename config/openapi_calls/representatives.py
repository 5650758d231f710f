"""The calls about a candidate's representative, and those of the desk of procurations."""

from typing import Final

from accounts.representatives.api import ADDRESS, RepresentativeBody
from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from console.procurations import api
from console.procurations.api import ReceivedBody
from console.procurations.desk import ProcurationAct, TypedProcuration
from foundation.errors import Code

REPRESENTATIVES: Final = (
    Call("get", ADDRESS, "Your representative, and what became of the power.", {200: "Representative"},
         Credential.SESSION, codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND)),
    Call("put", ADDRESS, "Name a representative, or correct the one whose procuration has not come.",
         {201: "Representative", 200: "Representative"}, Credential.SESSION, RepresentativeBody,
         (Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.CONSULTANT_NOT_RECOGNISED, Code.REPRESENTATIVE_EXISTS)),
    Call("delete", ADDRESS, "End the power at once.", {204: ""}, Credential.SESSION,
         codes=(Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.FOREIGN_ORIGIN)),
    Call("post", api.ADDRESS, "A procuration has come by mail.", {201: "Procuration"}, Credential.OPERATOR,
         ReceivedBody, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED)),
    Call("get", f"{api.ADDRESS}/{{reference}}", "Its file, to compare with the paper.", {200: "ProcurationFile"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    *(Call("post", f"{api.ADDRESS}/{{reference}}/{act}", summary, {200: "Procuration"}, Credential.OPERATOR,
           TypedProcuration, (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.CONSULTANT_NOT_RECOGNISED))
      for act, summary in ((ProcurationAct.RETURN, "It goes back by mail."),
                           (ProcurationAct.UNDO, "It was entered by mistake."),
                           (ProcurationAct.THAW, "The register recognises the consultant again."))),
)  # fmt: skip
