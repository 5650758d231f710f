"""Addresses of PostgreSQL as people and hosting services write them: understood, or refused with a sentence."""

import pytest
import sqlalchemy as sa

from foundation.sql import postgresql
from foundation.sql.postgresql import Connector, canonical

PLAIN = "postgresql://u:p@db:5432/guichet"


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (PLAIN, PLAIN),
        ("postgres://u:p@db:5432/guichet", PLAIN),
        ("postgresql+asyncpg://u:p@db:5432/guichet", PLAIN),
        ("postgresql+psycopg2://u:p@db:5432/guichet", PLAIN),
        (f"{PLAIN}?sslmode=require", f"{PLAIN}?sslmode=require"),
        (f"{PLAIN}?ssl=require", f"{PLAIN}?sslmode=require"),
        (f"{PLAIN}?ssl=true", f"{PLAIN}?sslmode=require"),
        (f"{PLAIN}?sslmode=verify-ca&sslrootcert=/ca.pem", f"{PLAIN}?sslmode=verify-ca&sslrootcert=/ca.pem"),
        (f"{PLAIN}?connect_timeout=10&channel_binding=prefer", PLAIN),
        (f"{PLAIN}?pgbouncer=true", f"{PLAIN}?pgbouncer=true"),
        ("postgresql://u@/guichet?host=/run/postgresql", "postgresql://u@/guichet?host=/run/postgresql"),
        ("postgres://u:p@a:5432,b:5433/g?target_session_attrs=primary",
         "postgresql://u:p@/g?host=a%3A5432%2Cb%3A5433&target_session_attrs=primary"),
        ("postgresql://u:p%40ss%2Fword@db/guichet", "postgresql://u:p%40ss%2Fword@db/guichet"),
    ],
)  # fmt: skip
def test_what_is_understood(given: str, understood: str) -> None:
    """Each in one form, and that form is understood as itself."""
    assert canonical(given) == understood
    assert canonical(understood) == understood


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("mysql://db/guichet", "must begin with"),
        ("postgresql:db", "must begin with"),
        ("postgresql://db:port/guichet", "must be an address such as"),
        (f"{PLAIN}?sslmode=yes", "as sslmode"),
        (f"{PLAIN}?channel_binding=require", "channel_binding"),
        (f"{PLAIN}?statement_cache_size=0", "statement_cache_size is not understood"),
        (f"{PLAIN}?options=-c%20x", "options is not understood"),
        (f"{PLAIN}?pgbouncer=1", "as pgbouncer"),
    ],
)
def test_what_is_not_is_refused_with_a_sentence(given: str, why: str) -> None:
    """An option that asyncpg does not know would reach the server as a setting, and fail there at each connection."""
    with pytest.raises(ValueError, match=why):
        canonical(given)


def test_a_pooler_that_is_named_is_not_looked_for() -> None:
    """And each transaction says its limits itself; a server that is reached directly heard them at the start."""
    assert Connector(sa.make_url(PLAIN)).is_pooled is None
    through = Connector(sa.make_url(f"{PLAIN}?pgbouncer=true"))
    assert through.is_pooled is True and through.setting is not None
    assert all(f"'{name}', '{value}', true" in through.setting for name, value in postgresql.LIMITS.items())
    assert Connector(sa.make_url(f"{PLAIN}?pgbouncer=false")).setting is None
    assert Connector(sa.make_url(f"{PLAIN}?pgbouncer=true"), limits=False).setting is None
