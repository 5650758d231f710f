"""Mail over real SMTP: taken, refused for good, refused for now, and a server that is not there."""

import asyncio

import pytest

from foundation.mail.messages import Letter
from foundation.mail.smtp import MailServer, server_of
from foundation.mail.states import NO_SMTPUTF8, SILENCE, ServerWord, Step
from tests.support.mail_servers import mail_server


def letter(to: str = "quelquun@exemple.invalid") -> Letter:
    return Letter(to=to, title="Essai", text="Bonjour,\n", id="1f", at=1_781_354_400_000)


async def test_a_mail_is_handed_over() -> None:
    """To one address, with the text as it was."""
    async with mail_server() as kept:
        assert await kept.transport().send(letter()) == ServerWord(Step.CONTENT, 250, "2.0.0")
        assert kept.recipients == [["quelquun@exemple.invalid"]]
        assert kept.messages[0].get_content() == "Bonjour,\r\n"


async def test_an_accent_before_the_at_needs_smtputf8() -> None:
    """A server that can takes it, one that cannot is a refusal of that mail alone; a domain never is in the way."""
    async with mail_server() as able, mail_server(enable_SMTPUTF8=False) as unable:
        assert (await able.transport().send(letter("élodie@exämple.ca"))).code == 250
        assert able.recipients == [["élodie@xn--exmple-cua.ca"]]
        assert await unable.transport().send(letter("élodie@exämple.ca")) == NO_SMTPUTF8
        assert (await unable.transport().send(letter("elodie@exämple.ca"))).code == 250
        assert unable.recipients == [["elodie@xn--exmple-cua.ca"]]


@pytest.mark.parametrize(
    ("step", "reply", "word"),
    [
        pytest.param("RCPT", "550 5.1.1 no", ServerWord(Step.RECIPIENT, 550, "5.1.1"), id="nobody"),
        pytest.param("RCPT", "450 4.2.1 later", ServerWord(Step.RECIPIENT, 450, "4.2.1"), id="busy"),
        pytest.param("DATA", "451 later", ServerWord(Step.CONTENT, 451), id="greylisted"),
        pytest.param("DATA", "554 5.7.1 no", ServerWord(Step.CONTENT, 554, "5.7.1"), id="content"),
    ],
)
async def test_what_a_server_says_is_kept_without_its_text(step: str, reply: str, word: ServerWord) -> None:
    """The code, the enhanced status and the step; the text may quote the address."""
    async with mail_server() as kept:
        kept.says[step] = reply
        assert await kept.transport().send(letter()) == word


async def test_a_server_that_is_not_there_is_silence_and_left_alone() -> None:
    """The second mail does not ask again at once: a worker has other tasks."""
    async with mail_server() as kept:
        transport = kept.transport()
    assert await transport.send(letter()) == SILENCE
    async with mail_server() as again:
        transport._server = server_of(f"smtp://127.0.0.1:{again.port}")
        assert await transport.send(letter()) == SILENCE
        transport._quiet_until = 0.0
        assert (await transport.send(letter())).code == 250


async def test_a_server_that_never_answers_is_silence() -> None:
    """After the timeout; nothing waits for ever."""

    ended = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server, mail_server() as kept:
        kept.port = server.sockets[0].getsockname()[1]
        assert await kept.transport(timeout_seconds=0.2).send(letter()) == SILENCE
        await ended.wait()


async def test_without_starttls_nothing_goes_to_another_machine() -> None:
    """A server that does not offer it gets no mail, where TLS is demanded."""
    async with mail_server() as kept:
        transport = kept.transport()
        transport._server = server_of(f"smtp://127.0.0.1:{kept.port}?starttls=yes")
        assert await transport.send(letter()) == SILENCE
        assert kept.messages == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        pytest.param(
            "smtps://moi%40x:mot%2Fde%20passe@mail.example",
            MailServer(
                host="mail.example", port=465, tls=True, starttls=False, username="moi@x",
                password="mot/de passe",
            ),
            id="tls-and-password",
        ),
        pytest.param(
            "smtp://mail.example:587",
            MailServer(host="mail.example", port=587, tls=False, starttls=True),
            id="starttls-demanded",
        ),
        pytest.param(
            "smtp://relay:25?starttls=no",
            MailServer(host="relay", port=25, tls=False, starttls=False),
            id="no-tls-where-told",
        ),
        pytest.param(
            "smtp://localhost",
            MailServer(host="localhost", port=25, tls=False, starttls=False),
            id="this-machine",
        ),
    ],
)  # fmt: skip
def test_an_address_says_how_to_talk(url: str, server: MailServer) -> None:
    """Scheme, port, TLS, and credentials with any characters in them; a password is not shown."""
    found = server_of(url)
    assert found == server
    assert "passe" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://x", "smtp://", "smtp://x:99999", "smtp://x/y", "smtp://x?tls=no", "smtp://x?starttls=perhaps",
        "smtp://u@x", "smtp://u:p@x?starttls=no",
    ],
    ids=range(8),
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    """A wrong scheme, port or option, half of the credentials, a password in the clear."""
    with pytest.raises(ValueError, match=r"^must "):
        server_of(url)
