"""The payment on the page of its file: where it stands, and the way to pay."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView, NextStep, Section
from casework.payments.card import payment_view
from casework.payments.card.services import CardServices, payment_href
from foundation.money import dollars
from quota.frozen_rules import payment_of
from server.rendering.templating import instant


def payment_section(services: CardServices) -> Section:
    """The section; what is to be done now, while something is due. None where the programme asks for no fees."""

    async def section(conn: AsyncConnection, view: FileView) -> FileSection | None:
        rules = payment_of(view.sheet.rules, view.sheet.programme, services.payments.programmes)
        if not rules.asks_fees:
            return None
        found = await payment_view.find(conn, services, view.sheet.account, view.number, view.now)
        what = "les frais" if found.supplement is None else "les frais de votre modification"
        text = f"Payer {what}, {dollars(found.due)}, au plus tard le {instant(found.pay_by)}"
        steps = (NextStep(text=text, href=payment_href(view.number)),) if found.may_pay else ()
        return FileSection(
            id="paiement",
            title="Paiement",
            template="payment_section.html",
            values=found.shown(),
            next_steps=steps,
        )

    return section
