"""Under which names the service is asked, and which origins are its own."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from foundation.errors import Code
from server.hosts import CHECKS, Hosts, effective_host, origin
from server.networks import INTERNAL, Callers

URL = "https://guichet.example"

DEMO_AT = ("127.0.0.1", 8000)


def asked(
    *hosts: str, path: str = "/", client: str = "203.0.113.9", version: str = "1.1", scheme: str = "http"
) -> dict[str, Any]:
    """The scope of a request with these `Host` headers."""
    return {
        "type": "http", "path": path, "http_version": version, "client": (client, 5000), "scheme": scheme,
        "headers": [(b"host", host.encode("latin-1")) for host in hosts],
    }  # fmt: skip


def hosts(url: str = URL) -> Hosts:
    return Hosts(url, Callers(INTERNAL))


def code(made: Hosts, scope: dict[str, Any]) -> Code | None:
    refusal = made.refusal(scope)
    return None if refusal is None else refusal.code


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ("guichet.example", True), ("GUICHET.Example", True), ("guichet.example:443", True),
        ("guichet.example.", True), ("guichet.example.:443", True),
        ("guichet.example:80", False), ("guichet.example:8443", False), ("www.guichet.example", False),
        ("guichet.example.evil.example", False), ("evil.example", False), ("localhost", False),
        ("127.0.0.1:8000", False), ("[::1]", False), ("", False), ("guichet.example..", False),
        ("guichet.example:99999", False), ("guichet.example:00443", True),
    ],
)  # fmt: skip
def test_one_name_is_served(given: str, served: bool) -> None:
    """That of PUBLIC_URL, as people and programs may write it; any other is 421 and says where the service is."""
    refusal = hosts().refusal(asked(given))
    assert (refusal is None) is served
    if refusal is not None:
        assert (refusal.code, refusal.fields) == (Code.MISDIRECTED, {"address": URL})


@pytest.mark.parametrize(
    ("url", "given", "served"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1", False),
        ("http://127.0.0.1:8000", "localhost:8000", False),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://guichet.example", "guichet.example:80", True),
        ("https://guichet.example:8443", "guichet.example:8443", True),
        ("https://guichet.example:8443", "guichet.example", False),
    ],
)
def test_a_port_is_part_of_the_name(url: str, given: str, served: bool) -> None:
    """But for the one that the scheme has by itself."""
    assert (code(hosts(url), asked(given)) is None) is served


@pytest.mark.parametrize(
    ("given", "version", "found"),
    [
        ((), "1.1", Code.BAD_REQUEST),
        ((), "1.0", Code.MISDIRECTED),
        (("guichet.example", "guichet.example"), "1.1", Code.BAD_REQUEST),
        (("guichet.example", "evil.example"), "1.1", Code.BAD_REQUEST),
        (("guichet.example", "evil.example"), "1.0", Code.BAD_REQUEST),
        (("a b",), "1.1", Code.BAD_REQUEST),
        (("guichet.example, evil.example",), "1.1", Code.BAD_REQUEST),
        (("user@guichet.example",), "1.1", Code.BAD_REQUEST),
        (("guichet.example/x",), "1.1", Code.BAD_REQUEST),
    ],
    ids=str,
)
def test_a_request_names_one_host(given: tuple[str, ...], version: str, found: Code) -> None:
    """None or two are no request (RFC 9112, 3.2), in the demo too; a client of HTTP/1.0 may have none."""
    assert code(hosts(), asked(*given, version=version)) is found
    if found is Code.BAD_REQUEST:
        assert code(Hosts(URL, demo_at=DEMO_AT), asked(*given, version=version)) is found


@pytest.mark.parametrize("path", sorted(CHECKS))
def test_checks_from_inside_ask_by_any_name(path: str) -> None:
    """A load balancer knows an address and no name, and old ones speak HTTP/1.0. From outside nobody checks."""
    assert code(hosts(), asked("10.0.0.5:8000", path=path, client="10.0.0.2")) is None
    assert code(hosts(), asked(path=path, client="127.0.0.1", version="1.0")) is None
    assert code(hosts(), asked("10.0.0.5:8000", path=path)) is Code.MISDIRECTED
    assert code(hosts(), asked("10.0.0.5:8000", path="/", client="10.0.0.2")) is Code.MISDIRECTED


def test_the_demo_is_served_under_any_name() -> None:
    """It is looked at from wherever it runs."""
    demo = Hosts("http://127.0.0.1:8000", demo_at=DEMO_AT)
    assert [code(demo, asked(name)) for name in ("localhost:8000", "box.local:8000", "evil.example", "")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("https://guichet.example", True), ("https://GUICHET.example:443", True), ("https://guichet.example.", True),
        ("http://guichet.example", False), ("https://guichet.example:8443", False), ("https://evil.example", False),
        ("https://guichet.example@evil.example", False), ("https://evil.example@guichet.example", False),
        ("https://guichet.example/", False), ("null", False), ("", False), ("file://", False),
        ("https://[bad", False), ("https://x:99999", False), ("https://évil.example", False),
    ],
)  # fmt: skip
def test_our_origin_is_the_public_one(given: str, own: bool) -> None:
    """Whatever `Host` says: somebody may have made it up to be the same as a foreign `Origin`."""
    for host in (b"guichet.example", b"evil.example", b"", given.partition("://")[2].encode("latin-1")):
        assert hosts().is_own(given.encode("latin-1"), host) is own


@pytest.mark.parametrize(
    ("bound", "given", "host", "own"),
    [
        ("127.0.0.1", "http://localhost:8000", "127.0.0.1:8000", True),
        ("127.0.0.1", "http://127.0.0.1:8000", "localhost:8000", True),
        ("127.0.0.1", "http://[::1]:8000", "x", True),
        ("127.0.0.1", "http://localhost:9000", "localhost:9000", True),  # a port that is passed on to ours
        ("127.0.0.1", "http://localhost:3000", "localhost:8000", False),  # another program on this machine
        ("127.0.0.1", "http://evil.example:8000", "evil.example:8000", False),
        ("127.0.0.1", "http://192.168.1.5:8000", "192.168.1.5:8000", False),
        ("192.168.1.5", "http://192.168.1.5:8000", "192.168.1.5:8000", True),
        ("0.0.0.0", "http://192.168.1.5:8000", "192.168.1.5:8000", True),
        ("0.0.0.0", "http://203.0.113.9:8000", "192.168.1.5:8000", False),  # somebody else's address
        ("0.0.0.0", "http://evil.example:8000", "evil.example:8000", False),
        ("127.0.0.1", "ftp://localhost:8000", "localhost:8000", False),
        ("127.0.0.1", "null", "localhost:8000", False),
    ],
)
def test_in_the_demo_this_machine_is_ours_too(bound: str, given: str, host: str, own: bool) -> None:
    """Loopback names and what it listens on; no name that merely leads here."""
    demo = Hosts("http://demo.example", demo_at=(bound, 8000))
    assert demo.is_own(given.encode(), host.encode()) is own
    assert demo.is_own(b"http://demo.example", host.encode())


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("https://guichet.example/periodes/demo", True), ("https://guichet.example", True),
        ("https://guichet.example?x=https://evil.example", True),
        ("https://evil.example/https://guichet.example/", False), ("https://guichet.example.evil.example/", False),
        ("http://guichet.example/", False), ("/periodes/demo", False), ("", False), ("about:client", False),
    ],
)  # fmt: skip
def test_a_page_of_ours_is_known_by_its_address(given: str, own: bool) -> None:
    """For browsers that name neither origin nor site."""
    assert hosts().is_own_page(given.encode(), b"guichet.example") is own


def test_a_target_in_absolute_form_names_the_host() -> None:
    """Then `Host` does not count (RFC 9112, 3.2.2); two of them stay two."""
    headers = [(b"accept", b"*/*"), (b"host", b"guichet.example")]
    assert effective_host(b"http://evil.example:81/x?y", headers) == [
        (b"accept", b"*/*"),
        (b"host", b"evil.example:81"),
    ]
    assert effective_host(b"http://evil.example?y", headers)[1] == (b"host", b"evil.example")
    assert len(effective_host(b"http://evil.example/", [*headers, headers[1]])) == 3


def test_a_plain_public_url_behind_tls_is_told_once() -> None:
    """By the first request that a trusted proxy brings over https; and never where all is well, or in the demo."""
    with capture_logs() as lines:
        plain = hosts("http://guichet.example")
        for _ in range(3):
            plain.refusal(asked("guichet.example", scheme="https"))
        for quiet in (hosts(), Hosts("http://127.0.0.1:8000", demo_at=DEMO_AT)):
            quiet.refusal(asked("guichet.example", scheme="https"))
    assert [(line["event"], line["log_level"]) for line in lines] == [("public_url_is_plain", "warning")]


def test_one_origin_however_it_is_written() -> None:
    """The scheme's own port, capitals and the dot of a whole name make no difference; the scheme does."""
    assert origin("https", "A.example") == origin("HTTPS", "a.example:443") == origin("https", "a.example.")
    assert origin("http", "a.example") != origin("https", "a.example")
