"""The calls about reviews: what an account's owner is told and answers, and the agents' queue."""

from typing import Final

from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from console.reviews import api
from console.reviews.api import ReviewActBody
from foundation.errors import Code
from submission.near_duplicates.pages import ADDRESS, ObservationsBody

OWN: Final = (Code.NOT_SIGNED_IN, Code.SESSION_ENDED)

REVIEWS: Final = (
    Call("get", ADDRESS, "What was decided about your account, and why.", {200: "OwnReviews"}, Credential.SESSION,
         codes=OWN),
    Call("post", f"{ADDRESS}/{{review}}", "Observations: a person looks at the case.", {202: "Received"},
         Credential.SESSION, ObservationsBody,
         (*OWN, Code.NOT_FOUND, Code.MOVE_NOT_ALLOWED, Code.ALREADY_DECIDED)),
    Call("get", api.ADDRESS, "The queue of reviews; `kind`, `state`, `page`.", {200: "Reviews"}, Credential.OPERATOR,
         codes=(*AT_THE_DESK, Code.INVALID),
         query=(("kind", "of the reviews; all without it"), ("state", "`open` without it"), ("page", "from 1"))),
    Call("get", f"{api.ADDRESS}/{{review}}", "A case with both records; the look is on record.", {200: "OpenedReview"},
         Credential.OPERATOR, codes=AT_THE_DESK),
    Call("post", f"{api.ADDRESS}/{{review}}/{{act}}", "`confirm`, `dismiss`, `ask` or `undo`, with a reason.",
         {200: "Review"}, Credential.OPERATOR, ReviewActBody,
         (*AT_THE_DESK, Code.MOVE_NOT_ALLOWED, Code.ALREADY_DECIDED)),
)  # fmt: skip
