"""The page of the demo's mail: readable, and nowhere else but in the demo."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from config.assets import renderer
from config.demo.mailbox.kept_mail import KeptMail, KeptMessage
from config.demo.mailbox.pages import DemoMailPages

MESSAGE = KeptMessage(
    to="demo-00001@exemple.invalid", sender="guichet@exemple.invalid", subject="Confirmez <votre> adresse",
    text="Bonjour,\n\nhttp://127.0.0.1/confirmer?x=1\n", message_id="<1@x>", at=1_781_354_400_000,
)  # fmt: skip


def client(folder: Path | None) -> httpx.AsyncClient:
    app = Starlette(routes=DemoMailPages(folder, renderer()).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://guichet.test")


async def test_messages_are_shown_newest_first(tmp_path: Path) -> None:
    """Each whole, with its link; what it says is no HTML."""
    KeptMail(tmp_path).keep(MESSAGE)
    async with client(tmp_path) as browser:
        page = (await browser.get("/demo/courriels")).text
        listed = (await browser.get("/demo/courriels.json?to=DEMO-00001@exemple.invalid")).json()
        others = (await browser.get("/demo/courriels.json?to=x@exemple.invalid")).json()
    assert "Confirmez &lt;votre&gt; adresse" in page
    assert '<a href="http://127.0.0.1/confirmer?x=1">' in page
    assert [(one["subject"], one["links"]) for one in listed] == [
        (MESSAGE.subject, ["http://127.0.0.1/confirmer?x=1"])
    ]
    assert others == []


@pytest.mark.parametrize("address", ["/demo/courriels", "/demo/courriels.json"])
async def test_outside_the_demo_there_is_no_such_page(address: str) -> None:
    """Without the demo's folder there are no routes."""
    async with client(None) as browser:
        assert (await browser.get(address)).status_code == 404
