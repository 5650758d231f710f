"""Settings: read once from the environment, checked, typed, frozen. Secrets print as asterisks.

`VARIABLES` is the whole list, each with its default and the reason for it; the README's table is made from it and held
by a test. Nothing else is read from the environment, but what a library insists on.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from accounts.states import StaffTotp
from casework.payments.card.stripe_reading import API_VERSION
from config.environment.readers import (
    demo,
    folder,
    keys,
    listening_address,
    mail_sender,
    mail_server,
    networks,
    one_of,
    public_address,
    seconds,
    sql_address,
    text,
    whole,
    words,
    yes_or_no,
)
from config.topology import Servers, line_address, queue_address, topology
from server.networks import INTERNAL
from server.rendering.contact import SAMPLE_ADDRESS, SAMPLE_HOURS, SAMPLE_NAME, SAMPLE_PHONE, Contact
from waitingroom.line.epochs import HOLD_SECONDS

DEMO_KEY = "demo-only: this key is public, every copy of the program has it"
"""Signs in the demo when no other key is given; refused everywhere else."""

DEMO_SENDER = "ne-pas-repondre@guichet.exemple.invalid"
"""Nobody's: the demo's mail goes to its own server."""

SHORTEST_KEY = 32
"""Characters of a secret key. 32 of the 64 that `secrets.token_urlsafe` uses are 192 bits."""

FEWEST_DIFFERENT_CHARACTERS = 10
"""A key with fewer is somebody's placeholder (`changeme`, `xxxx`), not a random text."""


SECRETS = frozenset({"card_key", "card_webhook_secret"})
"""Fields that are printed as asterisks, whatever stands in them."""


class WrongSetting(RuntimeError):
    """A setting is missing or cannot be used. The text is a sentence that says which, and what to do."""


class Variable(msgspec.Struct, frozen=True):
    """One environment variable: how to read it, its default as text, and why that is the default."""

    name: str
    field: str
    read: Callable[[str], Any]
    default: str | None
    meaning: str
    reason: str


PROGRAMMES = Path(__file__).parent / "programmes"


def forms_folder(programmes_dir: Path) -> Path:
    """Where the forms of a folder of programmes are: in its `forms`, or those that come with the program."""
    beside = programmes_dir / "forms"
    return beside if beside.is_dir() else PROGRAMMES / "forms"


VARIABLES = (
    Variable("DATABASE_URL", "database_url", sql_address, "sqlite:///guichet.db",
             "the SQL store: `sqlite:///file` or `postgresql://user:password@host/name`, with libpq's options such as "
             "`?sslmode=verify-full`; a pooler in between is noticed",
             "one machine needs no server; the file is made in the current folder"),
    Variable("REDIS_URL", "redis_url", line_address, None,
             "the line: Redis 7+ or Valkey, policy `noeviction`: `redis://`, `rediss://` or `unix://` for one server; "
             "`redis+sentinel://host:port,host:port/service/db`; `redis+cluster://host:port,host:port`",
             "needed; only the demo starts a Valkey of its own"),
    Variable("QUEUE_REDIS_URL", "queue_redis_url", queue_address, "",
             "the queue of jobs (RQ): one server or `redis+sentinel://`",
             "`REDIS_URL`; needed when that is a Cluster, where RQ does not run"),
    Variable("SECRET_KEYS", "secret_keys", keys, "",
             "keys for tickets, tokens and cookies, separated by commas: the first signs, all verify",
             "needed, each of 32 random characters or more; only the demo makes its own"),
    Variable("PUBLIC_URL", "public_url", public_address, "",
             "the address that browsers use: a request for any other host is refused (421); `https://` switches on "
             "`Secure` cookies, whose names begin with `__Host-`, and HSTS",
             "`http://127.0.0.1:PORT`, which is right on one's own machine only; needed behind a proxy"),
    Variable("HOST", "host", text, "127.0.0.1",
             "the address that `web` listens on",
             "a reverse proxy on the same machine; nothing is open to the network by accident"),
    Variable("PORT", "port", whole(1, 65535), "8000",
             "the port that `web` and the demo listen on",
             "needs no special right"),
    Variable("LISTEN_FD", "listen_fd", whole(3, 1_000_000), "",
             "an open listening socket that `web` inherits, instead of `HOST` and `PORT`",
             "none; the demo's supervisor sets it, so that all web processes share one socket"),
    Variable("READY_FD", "ready_fd", whole(3, 1_000_000), "",
             "an open pipe into which `web` writes a byte when it serves",
             "none; the demo's supervisor sets it, so that a rolling restart waits for each process"),
    Variable("DEMO", "demo", demo, "no",
             "the demo's leniency: its own keys, shared accounts, any host; `guichet demo` sets it for its own "
             "processes, and others refuse to start with it",
             "no one gets it without asking"),
    Variable("LIMITS", "limits", yes_or_no, "yes",
             "limits on joins, and on wrong sign-ins over all accounts, by person, address and network",
             "a flood from one place is the usual one; the demo switches it off, as its crowd has one address"),
    Variable("STAFF_TOTP", "staff_totp", one_of(StaffTotp.OPTIONAL, StaffTotp.REQUIRED), StaffTotp.OPTIONAL.value,
             "whether operators need a code by the clock (RFC 6238) to sign in: `optional` or `required`",
             "the first one has to get in; who has one always needs it, who has none is told. The demo has none"),
    Variable("HOLD_SECONDS", "hold_seconds", seconds(0, 600), f"{HOLD_SECONDS:g}",
             "after a loss of Redis nobody is called for so many seconds of service",
             "20 s between two polls and the slowest reconnection, so that everybody is back before anybody is called"),
    Variable("TICK_SECONDS", "tick_seconds", seconds(0.05, 1), "0.5",
             "seconds between two looks of the ticker",
             "a place that lapses goes on within 2 s, with room to spare"),
    Variable("PROGRAMMES_DIR", "programmes_dir", folder, "",
             "the folder of programme files (TOML)",
             "the ones that come with the program, in `config/programmes/`"),
    Variable("TRUSTED_PROXIES", "trusted_proxies", networks, "",
             "addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed",
             "none: anybody can send these headers"),
    Variable("INTERNAL_NETWORKS", "internal_networks", networks, ",".join(INTERNAL),
             "addresses or networks from which `/metrics` and `/readyz` are answered, and `/healthz` under any name; "
             "to all others the first two do not exist (404)",
             "this machine and private networks; what a proxy brings from elsewhere is not internal"),
    Variable("OPERATOR_NETWORKS", "operator_networks", networks, "",
             "addresses or networks from which the operators' pages and calls are reached; to all others they do not "
             "exist (404)",
             "none: from everywhere, behind passwords; the Caddyfile has a limit of its own"),
    Variable("SERVICE_NAME", "service_name", words(60), SAMPLE_NAME,
             "what the service is called, on every page",
             "a sample"),
    Variable("CONTACT_PHONE", "contact_phone", words(40), SAMPLE_PHONE,
             "the contact centre's telephone, as pages show it",
             "a sample that nobody has, and pages say so"),
    Variable("CONTACT_HOURS", "contact_hours", words(120), SAMPLE_HOURS,
             "when the contact centre answers, in French, as it ends a sentence",
             "a sample"),
    Variable("CONTACT_ADDRESS", "contact_address", words(200), SAMPLE_ADDRESS,
             "the postal address to which payments and documents are sent, its lines parted by ` / `",
             "a sample, and pages say so"),
    Variable("SMTP_URL", "smtp_url", mail_server, "",
             "the mail server: `smtps://user:password@host`, or `smtp://`, which demands STARTTLS but on this machine "
             "and with `?starttls=no`",
             "none: mail waits, and readiness says so; the demo has a server of its own"),
    Variable("MAIL_FROM", "mail_from", mail_sender, "",
             "the address that mail comes from",
             "needed with `SMTP_URL`; only the demo has one of its own"),
    Variable("SMTP_TIMEOUT", "smtp_timeout", seconds(1, 60), "10",
             "seconds that a mail server has for each answer",
             "a worker does one task at a time; a mail that was not taken is tried again"),
    Variable("NOTICE_HOLD_SECONDS", "notice_hold_seconds", seconds(0, 300), "20",
             "for how long the service's own notice about a file waits for others to the same person, to go out as one "
             "e-mail; nothing else that is mailed waits",
             "what follows of one act, such as a submission, is filed within seconds; the account shows it at once"),
    Variable("CARD_KEY", "card_key", text, "",
             "the secret key of the account at the card provider (Stripe)",
             "none: payment by card is said to be unavailable, post remains; the demo has a provider of its own"),
    Variable("CARD_WEBHOOK_SECRET", "card_webhook_secret", text, "",
             "the secret by which the provider signs its webhooks to `/webhooks/stripe`",
             "needed with `CARD_KEY`"),
    Variable("CARD_API_URL", "card_api_url", public_address, "https://api.stripe.com",
             "where the provider's API is",
             "the provider's own; the demo's and the tests' is on this machine"),
    Variable("CARD_PAGES_URL", "card_pages_url", public_address, "https://checkout.stripe.com",
             "where the provider's pages to pay on are: the one other site to which a form of ours may lead",
             "the provider's own; another one where the account has a domain for its pages"),
    Variable("CARD_API_VERSION", "card_api_version", words(60), API_VERSION,
             "the version of the provider's API that is asked for, whatever the account's own is",
             "the one that `stripe_reading.py` reads"),
    Variable("DEMO_MAILBOX", "demo_mailbox", folder, "",
             "where the demo's mail server keeps what it took; read in the demo only",
             "none; the demo sets it for its web processes"),
    Variable("LOG_LEVEL", "log_level", one_of("debug", "info", "warning", "error"), "info",
             "what is logged",
             "what an operator needs on the day; no personal data at any level"),
    Variable("PROMETHEUS_MULTIPROC_DIR", "metrics_dir", folder, "",
             "the folder in which the processes gather their metrics; the name is the library's",
             "none: each process shows its own; the demo makes one, empty, at each start"),
    Variable("METRICS_ADDRESS", "metrics_address", listening_address, "",
             "where `ticker` and `worker` show `/metrics` and `/healthz`: a port on loopback, or host and port; of "
             "those on one host the first has it, the others stand by",
             "none: on a host with `web`, that shows the figures of all"),
)  # fmt: skip


def default_of(name: str) -> Any:
    """What an unset variable means, as its field has it; None where nothing does."""
    found = next(one for one in VARIABLES if one.name == name)
    return found.read(found.default) if found.default else None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment said. Field by field meaning and default stand in `VARIABLES`."""

    database_url: str
    redis_url: str
    queue_redis_url: str
    secret_keys: tuple[str, ...]
    public_url: str
    host: str = default_of("HOST")
    port: int = default_of("PORT")
    listen_fd: int | None = None
    ready_fd: int | None = None
    demo: bool = default_of("DEMO")
    limits: bool = default_of("LIMITS")
    staff_totp: StaffTotp = StaffTotp.OPTIONAL
    hold_seconds: float = default_of("HOLD_SECONDS")
    tick_seconds: float = default_of("TICK_SECONDS")
    programmes_dir: Path = PROGRAMMES
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = default_of("LOG_LEVEL")
    metrics_dir: Path | None = None
    internal_networks: tuple[str, ...] = INTERNAL
    operator_networks: tuple[str, ...] = ()
    service_name: str = SAMPLE_NAME
    contact_phone: str = SAMPLE_PHONE
    contact_hours: str = SAMPLE_HOURS
    contact_address: str = SAMPLE_ADDRESS
    metrics_address: tuple[str, int] | None = None
    smtp_url: str | None = None
    mail_from: str | None = None
    smtp_timeout: float = default_of("SMTP_TIMEOUT")
    notice_hold_seconds: float = default_of("NOTICE_HOLD_SECONDS")
    demo_mailbox: Path | None = None
    card_key: str | None = None
    card_webhook_secret: str | None = None
    card_api_url: str = default_of("CARD_API_URL")
    card_pages_url: str = default_of("CARD_PAGES_URL")
    card_api_version: str = API_VERSION

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check all of it. Raises WrongSetting with a sentence."""
        found = {variable.field: read(variable, environ) for variable in VARIABLES}
        if found["redis_url"] is None:
            raise WrongSetting(
                "REDIS_URL is not set: give the address of a Redis or Valkey, or run `guichet demo`."
            )
        if found["demo"]:
            found["secret_keys"] = found["secret_keys"] or (DEMO_KEY,)
        else:
            check_keys(found["secret_keys"] or ())
        if not found["queue_redis_url"] and topology(found["redis_url"]).kind is Servers.CLUSTER:
            raise WrongSetting(
                "QUEUE_REDIS_URL is not set, and REDIS_URL is a Cluster, where RQ does not run: give the address of "
                "another Redis or Valkey for the queue."
            )
        found["staff_totp"] = StaffTotp.OFF if found["demo"] else StaffTotp(found["staff_totp"])
        found["queue_redis_url"] = found["queue_redis_url"] or found["redis_url"]
        if found["trusted_proxies"] and not found["public_url"]:
            raise WrongSetting(
                "PUBLIC_URL is not set, and TRUSTED_PROXIES says that browsers come through a proxy: give the address "
                "that they use, such as https://guichet.example.ca; requests for any other are refused."
            )
        if found["demo"]:
            found["mail_from"] = found["mail_from"] or DEMO_SENDER
        if found["smtp_url"] and not found["mail_from"]:
            raise WrongSetting(
                "MAIL_FROM is not set, and SMTP_URL is: give the address that mail comes from, such as "
                "ne-pas-repondre@guichet.example.ca."
            )
        if found["card_key"] and not found["card_webhook_secret"]:
            raise WrongSetting(
                "CARD_WEBHOOK_SECRET is not set, and CARD_KEY is: give the secret by which the provider signs webhooks."
            )
        found["public_url"] = found["public_url"] or f"http://127.0.0.1:{found['port']}"
        found["programmes_dir"] = found["programmes_dir"] or PROGRAMMES
        found["trusted_proxies"] = found["trusted_proxies"] or ()
        found["operator_networks"] = found["operator_networks"] or ()
        return cls(**found)

    @property
    def behind_tls(self) -> bool:
        """Whether browsers come over TLS: then cookies are `Secure`."""
        return self.public_url.startswith("https://")

    @property
    def contact(self) -> Contact:
        """What pages say of the service."""
        return Contact(self.service_name, self.contact_phone, self.contact_hours, self.contact_address)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.__rich_repr__())
        return f"Settings({shown})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [(name, hidden(name, getattr(self, name))) for name in self.__struct_fields__]


def hidden(name: str, value: object) -> str:
    """A setting as text, with keys and passwords replaced by asterisks."""
    if name == "secret_keys" and isinstance(value, tuple):
        return repr(("********",) * len(value))
    if name in SECRETS and value:
        return repr("********")
    if isinstance(value, str):
        value = re.sub(r"//([^/@:]*):[^/@]*@", r"//\1:********@", value)
        value = re.sub(r"(?i)(password=)[^&]*", r"\1********", value)
    return repr(value)


def read(variable: Variable, environ: Mapping[str, str]) -> Any:
    """One variable; unset and empty are the same, and mean the default. Raises WrongSetting."""
    given = environ.get(variable.name, "").strip() or variable.default
    if not given:
        return None
    try:
        return variable.read(given)
    except ValueError as problem:
        shown = (
            "" if variable.field in {"secret_keys", *SECRETS} else f", not {hidden(variable.field, given)}"
        )
        raise WrongSetting(f"{variable.name} {problem}{shown}.") from None


def variable(name: str, environ: Mapping[str, str]) -> Any:
    """One variable alone, for commands that need no others. Raises WrongSetting."""
    return read(next(one for one in VARIABLES if one.name == name), environ)


def database_url(environ: Mapping[str, str]) -> str:
    """The SQL store alone, for commands that need nothing else. Raises WrongSetting."""
    found: str = variable("DATABASE_URL", environ)
    return found


def secret_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The keys alone, for commands that encrypt; the demo's own where DEMO says so. Raises WrongSetting."""
    found: tuple[str, ...] = variable("SECRET_KEYS", environ) or ()
    if variable("DEMO", environ):
        return found or (DEMO_KEY,)
    check_keys(found)
    return found


def check_keys(secret_keys: tuple[str, ...]) -> None:
    """Refuse to serve with keys that somebody could guess. Raises WrongSetting; the text never holds a key."""
    how = 'make one with `python3 -c "import secrets; print(secrets.token_urlsafe(48))"`'
    if not secret_keys:
        raise WrongSetting(f"SECRET_KEYS is not set: {how}.")
    for position, key in enumerate(secret_keys, 1):
        if key == DEMO_KEY:
            raise WrongSetting(f"Key {position} of SECRET_KEYS is the demo's, which is public: {how}.")
        if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
            raise WrongSetting(
                f"Key {position} of SECRET_KEYS is no secret: it needs {SHORTEST_KEY} random characters; {how}."
            )


class Informed(Protocol):
    """A client of Redis, as far as it is needed here."""

    def info(self, section: str | None = None) -> Awaitable[dict[str, Any]]: ...


async def refuse_evicting(redis: Informed) -> None:
    """Refuse a Redis that may drop keys when memory is short: a dropped key is somebody's place.

    Raises WrongSetting; redis-py's errors pass through. A Cluster answers for each of its servers.
    """
    answer = await redis.info("memory")
    servers = [answer] if "maxmemory_policy" in answer else list(answer.values())
    refuse_policies({str(server["maxmemory_policy"]) for server in servers})


def refuse_policies(policies: set[str], setting: str = "REDIS_URL") -> None:
    """Raises WrongSetting unless the only one is `noeviction`."""
    dropping = sorted(policies - {"noeviction"})
    if dropping:
        raise WrongSetting(
            f"The Redis of {setting} drops keys when memory is short (maxmemory-policy is {', '.join(dropping)}): "
            "a dropped key is somebody's place. Set maxmemory-policy to noeviction."
        )


def table() -> list[str]:
    """The README's table of settings, line by line."""
    rows = ["| variable | what | default, and why |", "|---|---|---|"]
    for variable in VARIABLES:
        default = f"`{variable.default}`: " if variable.default else ""
        rows.append(f"| `{variable.name}` | {variable.meaning} | {default}{variable.reason} |")
    return rows
