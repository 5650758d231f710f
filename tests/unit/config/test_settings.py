"""Settings are read once, say clearly what is wrong, and never show a secret."""

import re
from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from accounts.states import StaffTotp
from config.settings import DEMO_KEY, VARIABLES, Settings, WrongSetting, database_url, secret_keys
from server.networks import INTERNAL
from server.rendering.contact import Contact

GOOD_KEY = "0123456789abcdefghijklmnopqrstuvwxyz"

LEAST = {"REDIS_URL": "redis://127.0.0.1:6379/0", "SECRET_KEYS": GOOD_KEY}


def test_the_least_environment_gives_the_documented_defaults() -> None:
    """With Redis and a key alone, everything else has its default."""
    settings = Settings.from_env(LEAST)
    assert settings.database_url == "sqlite:///guichet.db"
    assert settings.queue_redis_url == settings.redis_url
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.host, settings.port, settings.listen_fd) == ("127.0.0.1", 8000, None)
    assert settings.limits
    assert not settings.demo
    assert not settings.behind_tls
    assert settings.trusted_proxies == settings.operator_networks == ()
    assert settings.internal_networks == INTERNAL
    assert settings.contact == Contact()
    assert settings.metrics_address is None
    assert settings.programmes_dir.is_dir()


def test_every_variable_reaches_its_field(tmp_path: Path) -> None:
    """Each variable changes the field it names, and no field has none."""
    given = {
        "DATABASE_URL": "postgresql://u:p@db/guichet",
        "REDIS_URL": "rediss://cache:6380/1",
        "QUEUE_REDIS_URL": "unix:///run/queue.sock",
        "SECRET_KEYS": f"{GOOD_KEY}, {GOOD_KEY[::-1]},",
        "PUBLIC_URL": "https://guichet.example/",
        "HOST": "0.0.0.0",
        "PORT": "9001",
        "LISTEN_FD": "5",
        "READY_FD": "6",
        "DEMO": "yes",
        "LIMITS": "off",
        "STAFF_TOTP": "Required",
        "HOLD_SECONDS": "1.5",
        "TICK_SECONDS": "0.1",
        "PROGRAMMES_DIR": str(tmp_path),
        "TRUSTED_PROXIES": "10.0.0.0/8,::1",
        "LOG_LEVEL": "WARNING",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "INTERNAL_NETWORKS": "10.9.0.0/16",
        "OPERATOR_NETWORKS": "192.0.2.0/24",
        "SERVICE_NAME": "Guichet d’essai",
        "CONTACT_PHONE": "418 555-0123",
        "CONTACT_HOURS": "tous les jours",
        "CONTACT_ADDRESS": "Guichet / 1, rue Principale / Québec (Québec)  G1G 1G1",
        "CARD_KEY": "sk_live_0123",
        "CARD_WEBHOOK_SECRET": "whsec_0123",
        "CARD_API_URL": "http://127.0.0.1:12111",
        "CARD_PAGES_URL": "https://payer.guichet.example",
        "CARD_API_VERSION": "2027-01-01.forest",
        "METRICS_ADDRESS": "9100",
        "SMTP_URL": "smtps://u:p@mail.example",
        "MAIL_FROM": "guichet@example.ca",
        "SMTP_TIMEOUT": "5",
        "NOTICE_HOLD_SECONDS": "7",
        "DEMO_MAILBOX": str(tmp_path),
    }
    assert {variable.name for variable in VARIABLES} == set(given)
    assert {variable.field for variable in VARIABLES} == set(Settings.__struct_fields__)
    settings, usual = Settings.from_env(given), Settings.from_env(LEAST)
    assert settings.secret_keys == (GOOD_KEY, GOOD_KEY[::-1])
    assert settings.public_url == "https://guichet.example"
    assert settings.behind_tls
    assert "sk_live" not in repr(settings)
    assert "whsec" not in repr(settings)
    unchanged = [
        name for name in Settings.__struct_fields__ if getattr(settings, name) == getattr(usual, name)
    ]
    assert unchanged == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("PORT", "٨٠"),
        ("HOLD_SECONDS", "-1"),
        ("HOLD_SECONDS", "nan"),
        ("TICK_SECONDS", "60"),
        ("LIMITS", "maybe"),
        ("STAFF_TOTP", "off"),
        ("LOG_LEVEL", "loud"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis+sentinel://a:26379,b:26379"),
        ("REDIS_URL", "redis+sentinel://a:26379/line/first"),
        ("REDIS_URL", "redis+sentinel://a:0/line"),
        ("REDIS_URL", "redis+cluster://a:6379/1"),
        ("REDIS_URL", "redis+cluster://a:6379,,b:6379"),
        ("QUEUE_REDIS_URL", "redis+cluster://a:6379"),
        ("DATABASE_URL", "mysql://db/guichet"),
        ("DATABASE_URL", "sqlite://"),
        ("PUBLIC_URL", "guichet.example"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://guichet.example/guichet"),
        ("PUBLIC_URL", "https://guichet.example?x"),
        ("PUBLIC_URL", "https://user@guichet.example"),
        ("PUBLIC_URL", "https://guichet.example:99999"),
        ("PUBLIC_URL", "ftp://guichet.example"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0"),
        ("TRUSTED_PROXIES", "10.0.0.1, 0.0.0.0/1, 128.0.0.0/1"),
        ("INTERNAL_NETWORKS", "0.0.0.0/0"),
        ("OPERATOR_NETWORKS", "everybody"),
        ("METRICS_ADDRESS", "0"),
        ("METRICS_ADDRESS", "here"),
        ("METRICS_ADDRESS", "127.0.0.1:99999"),
        ("METRICS_ADDRESS", "a b:9100"),
        ("SERVICE_NAME", "x" * 61),
        ("CONTACT_PHONE", "418\n555"),
        ("SMTP_URL", "mail.example"),
        ("SMTP_URL", "smtp://user@mail.example"),
        ("SMTP_TIMEOUT", "0"),
        ("NOTICE_HOLD_SECONDS", "301"),
        ("DEMO", "demo-"),
        ("PROGRAMMES_DIR", "/no/such/folder"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_must_be(name: str, value: str) -> None:
    """The sentence holds the variable, what it must be, and what was given."""
    with pytest.raises(WrongSetting, match=rf"^{name} must .*{re.escape(repr(value))}\.$"):
        Settings.from_env({**LEAST, name: value})


@pytest.mark.parametrize(
    "keys",
    ["", " , ", "short", DEMO_KEY, "changeme" * 8, f"{GOOD_KEY},short", f"short,{GOOD_KEY}"],
)
def test_outside_the_demo_a_guessable_key_is_refused(keys: str) -> None:
    """No key, a short one, a placeholder or the demo's own: nothing starts, wherever it stands in the list."""
    with pytest.raises(WrongSetting) as refused:
        Settings.from_env({**LEAST, "SECRET_KEYS": keys})
    assert "SECRET_KEYS" in str(refused.value)
    assert not keys.strip(", ") or keys not in str(refused.value)


def test_the_demo_starts_without_a_key() -> None:
    """Twin: the same environment with DEMO=yes is accepted, so it is the demo that makes the difference."""
    assert Settings.from_env({"REDIS_URL": LEAST["REDIS_URL"], "DEMO": "yes"}).secret_keys == (DEMO_KEY,)


def test_without_redis_nothing_starts() -> None:
    """A missing REDIS_URL is a sentence that says what to do."""
    with pytest.raises(WrongSetting, match="REDIS_URL is not set"):
        Settings.from_env({"SECRET_KEYS": GOOD_KEY})


def test_a_cluster_needs_a_queue_of_its_own() -> None:
    """RQ does not run there: nothing starts until another server is named, for which Sentinels are as good."""
    environ = LEAST | {"REDIS_URL": "redis+cluster://a:6379,b:6379"}
    with pytest.raises(WrongSetting, match="QUEUE_REDIS_URL is not set"):
        Settings.from_env(environ)
    queue = "redis+sentinel://s:26379/queue"
    assert Settings.from_env(environ | {"QUEUE_REDIS_URL": queue}).queue_redis_url == queue


def test_no_secret_is_ever_shown() -> None:
    """Neither print, nor rich, nor the message about a wrong setting holds a key or a password."""
    secrets = {
        "k3yk3y-0123456789-abcdefghijklmnop", "sqlpass", "redispass", "queuepass", "mainpass", "mailpass",
    }  # fmt: skip
    settings = Settings.from_env(
        {
            "SECRET_KEYS": "k3yk3y-0123456789-abcdefghijklmnop",
            "DATABASE_URL": "postgresql://someone:sqlpass@db/guichet",
            "REDIS_URL": "redis://:redispass@cache:6379/0",
            "QUEUE_REDIS_URL": "redis+sentinel://u:mainpass@q:1,r:2/queue?sentinel_password=queuepass&db=1",
            "SMTP_URL": "smtps://someone:mailpass@mail.example",
            "MAIL_FROM": "guichet@example.ca",
        }
    )
    with pytest.raises(WrongSetting) as refused:
        Settings.from_env({**LEAST, "DATABASE_URL": "oracle://someone:sqlpass@db/guichet"})
    shown = f"{settings} {settings!r} {pretty_repr(settings)} {[settings]} {refused.value}"
    assert [secret for secret in secrets if secret in shown] == []
    assert "********" in shown


def test_mail_needs_a_sender() -> None:
    """A server alone does not say whom mail comes from; the demo has an address of nobody."""
    with pytest.raises(WrongSetting, match="MAIL_FROM is not set"):
        Settings.from_env(LEAST | {"SMTP_URL": "smtp://localhost"})
    with pytest.raises(WrongSetting, match=r"^MAIL_FROM .*, not 'nobody'\.$"):
        Settings.from_env(LEAST | {"MAIL_FROM": "nobody"})
    assert Settings.from_env(LEAST | {"DEMO": "yes"}).mail_from


def test_proxies_are_networks_as_networks_are_written() -> None:
    """An address is one of its own; bits beyond the mask count for nothing, there as here."""
    proxies = {"TRUSTED_PROXIES": "10.1.2.3/8, 192.0.2.7, ::1", "PUBLIC_URL": "https://guichet.example"}
    given = Settings.from_env(LEAST | proxies)
    assert given.trusted_proxies == ("10.0.0.0/8", "192.0.2.7/32", "::1/128")


def test_the_database_alone_needs_no_other_setting() -> None:
    """`guichet verify` and its kin read DATABASE_URL and nothing else."""
    assert database_url({"DATABASE_URL": "postgresql://db/guichet"}) == "postgresql://db/guichet"
    assert database_url({}) == "sqlite:///guichet.db"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://guichet.example/", "https://guichet.example"),
        ("HTTPS://Guichet.Example:8443", "https://guichet.example:8443"),
        ("https://réception.example", "https://xn--rception-b1a.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_public_address_is_read_as_browsers_send_it(given: str, read: str) -> None:
    """Their `Host` and `Origin` are compared with it."""
    assert Settings.from_env(LEAST | {"PUBLIC_URL": given}).public_url == read


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("9100", ("127.0.0.1", 9100)),
        (":9100", ("127.0.0.1", 9100)),
        ("0.0.0.0:9100", ("0.0.0.0", 9100)),
        ("[::1]:9100", ("::1", 9100)),
    ],
)
def test_figures_are_shown_on_loopback_unless_told_otherwise(given: str, address: tuple[str, int]) -> None:
    """A port alone opens nothing to the network."""
    assert Settings.from_env(LEAST | {"METRICS_ADDRESS": given}).metrics_address == address


def test_behind_a_proxy_the_public_address_is_needed() -> None:
    """Browsers ask for a name that nobody could guess, and any other is refused."""
    with pytest.raises(WrongSetting, match="PUBLIC_URL is not set"):
        Settings.from_env(LEAST | {"TRUSTED_PROXIES": "10.0.0.1"})


def test_the_demo_knows_no_second_factor(tmp_path: Path) -> None:
    """Elsewhere the setting counts, and `optional` is what it is without one."""
    assert Settings.from_env(LEAST).staff_totp is StaffTotp.OPTIONAL
    assert Settings.from_env(LEAST | {"STAFF_TOTP": "required"}).staff_totp is StaffTotp.REQUIRED
    assert Settings.from_env(LEAST | {"STAFF_TOTP": "required", "DEMO": "yes"}).staff_totp is StaffTotp.OFF


def test_a_command_that_encrypts_needs_good_keys() -> None:
    """The same rule as for serving; the demo's own key only where DEMO says so."""
    assert secret_keys({"SECRET_KEYS": GOOD_KEY}) == (GOOD_KEY,)
    assert secret_keys({"DEMO": "yes"}) == (DEMO_KEY,)
    for wrong in ({}, {"SECRET_KEYS": "changeme"}, {"SECRET_KEYS": DEMO_KEY}):
        with pytest.raises(WrongSetting):
            secret_keys(wrong)


def test_a_key_of_the_card_provider_needs_the_secret_of_its_webhooks() -> None:
    """And neither is ever shown."""
    with pytest.raises(WrongSetting, match=r"^CARD_WEBHOOK_SECRET is not set") as wrong:
        Settings.from_env(LEAST | {"CARD_KEY": "sk_live_0123"})
    assert "0123" not in str(wrong.value)
