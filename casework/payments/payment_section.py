"""The payment on the page of its file: where it stands, and the way to pay."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView, NextStep, Section
from casework.payments.card import payment_view
from casework.payments.card.services import CardServices, payment_href
from foundation.money import dollars
from server.rendering.templating import instant


def payment_section(services: CardServices) -> Section:
    """The section; what is to be done now, while something is due."""

    async def section(conn: AsyncConnection, view: FileView) -> FileSection | None:
        found = await payment_view.find(conn, services, view.sheet.account, view.number, view.now)
        text = f"Payer les frais, {dollars(found.due)}, au plus tard le {instant(found.pay_by)}"
        steps = (NextStep(text=text, href=payment_href(view.number)),) if found.may_pay else ()
        return FileSection(
            id="paiement",
            title="Paiement",
            template="payment_section.html",
            values=found.shown(),
            next_steps=steps,
        )

    return section
