"""The application as it was submitted: the answers that were signed, in the words of that day, and the signature.

For the account that submitted it alone. It is read from what was frozen, never from the draft.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from accounts.sessions import Session
from casework import receipts
from casework.receipts import Submission
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from quota import frozen_rules
from server.rendering.templating import Render
from submission.receipt_numbers import typed_receipt
from submission.signing import declaration, signatures
from submission.signing.signatures import SignedContent
from submission.states import CAPACITIES


class SignedPages:
    """The one handler."""

    def __init__(
        self, sign_in: SignInPages, render: Render, names: Mapping[str, str], seals: FieldCipher
    ) -> None:
        """`names` are the programmes' French names by id."""
        self.sign_in, self.render, self.names, self.seals = sign_in, render, names, seals
        self.services = sign_in.services

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [Route("/recus/{receipt}/demande", self.signed, methods=["GET"])]

    async def signed(self, request: Request) -> Response:
        """What was submitted under a receipt, for its own account. For anybody else 404, whether it exists or not."""
        session, typed = await sessions.current(self.services, request), request.path_params["receipt"]
        receipt = typed_receipt(typed) or typed
        if session is None:
            return self._for_its_account(request, receipt)
        try:
            found, signed = await self.services.db.read(lambda conn: self._read(conn, receipt, session))
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._for_its_account(request, receipt, session)
        mark = signed.signature
        return self.render(
            request, "signed.html", found=found, signed=signed, signature=mark,
            programme=frozen_rules.announced_name(found.rules, found.programme, self.names),
            declared=[] if mark is None else declaration.sentences(mark.declaration),
            capacity=CAPACITIES[found.capacity],
        )  # fmt: skip

    async def _read(
        self, conn: AsyncConnection, receipt: str, session: Session
    ) -> tuple[Submission, SignedContent]:
        found = await receipts.find(conn, self.services.personal, receipt, session.owner)
        return found, await signatures.find(conn, found.receipt, found.programme, self.seals)

    def _for_its_account(self, request: Request, receipt: str, session: Session | None = None) -> Response:
        then = self.sign_in.destinations.safe(f"/recus/{receipt}/demande")
        as_whom = "" if session is None else session.username
        return self.sign_in.page(request, then, status=404, note="recu", signed_in_as=as_whom)
