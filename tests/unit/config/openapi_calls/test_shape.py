"""What a call is, before anything of the document is made of it."""

from config.openapi_calls.shape import AT_THE_DESK, Call, Credential
from foundation.errors import Code


def test_a_call_brings_nothing_unless_it_says_so() -> None:
    """Neither credential, nor body, nor refusals of its own; at a desk all that staff may be told."""
    call = Call("get", "/api/v1/x", "X.", {200: ""})
    assert (call.who, call.body, call.codes) == (None, None, ())
    assert {Code.NOT_SIGNED_IN, Code.NOT_YOUR_ROLE} <= set(AT_THE_DESK)
    assert Credential("session") is Credential.SESSION
