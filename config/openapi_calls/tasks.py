"""The calls about tasks: what there is of them, and doing again what was set aside."""

from typing import Final

from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from console.tasks.api import ADDRESS, MAILS, KindReason, TaskReason
from foundation.errors import Code

MOVED: Final = (*AT_THE_DESK, Code.INVALID, Code.MOVE_NOT_ALLOWED)

TASKS: Final = (
    Call("get", ADDRESS, "Tasks by kind and stand, what was set aside, and the queue; `kind`, `page`.",
         {200: "Tasks"}, Credential.OPERATOR, codes=AT_THE_DESK,
         query=(("kind", "of what was set aside"), ("page", "of it, from 1"))),
    Call("post", f"{ADDRESS}/retry", "Try all of one kind again, 500 at most.", {200: "Retried"}, Credential.OPERATOR,
         KindReason, AT_THE_DESK),
    Call("post", f"{ADDRESS}/{{task}}/{{task_act}}", "`retry` or `leave` a task that was set aside, with a reason.",
         {204: ""}, Credential.OPERATOR, TaskReason, MOVED),
    Call("post", f"{MAILS}/{{mail}}/retry", "Post a mail anew that no server took.", {204: ""}, Credential.OPERATOR,
         TaskReason, MOVED),
)  # fmt: skip
