"""The calls about payment by card."""

from typing import Any, Final

from casework.payments.card.api import PAYMENTS as PAYMENTS_ADDRESS
from config.openapi_calls.shape import Call, Credential
from config.openapi_schemas import TEXT, nullable, record
from foundation.errors import Code

PAYMENTS: Final = (
    Call("post", PAYMENTS_ADDRESS, "Begin to pay by card: where the provider's page is.", {201: "Payment"},
         Credential.SESSION, codes=(
             Code.NOT_SIGNED_IN, Code.SESSION_ENDED, Code.NOT_FOUND, Code.ALREADY_PAID, Code.PAYMENT_EXPIRED,
             Code.PAYMENT_PENDING,
         )),
    Call("post", "/api/v1/payments/webhook",
         "The card provider's webhooks, by `Stripe-Signature`; 200 for whatever it signed, known to us or not.",
         {200: "Heard"}, codes=(Code.BAD_REQUEST, Code.NOT_FOUND, Code.RATE_LIMITED)),
)  # fmt: skip

PAYMENT_ANSWERS: Final[dict[str, Any]] = {
    "Payment": record(payment=TEXT, state=TEXT, href=nullable(TEXT)),
    "Heard": record(received={"type": "boolean"}, new={"type": "boolean"}),
}
