"""What SQLAlchemy made of a statement, kept from test to test: each has stores of its own, and compiled all anew."""

from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from foundation.sql.database import Database


def share() -> None:
    """Every engine of this process compiles with the first one's dialect, and into its cache, one for each store. A
    process of the service has one store and keeps its engine, so nothing else is tested by this. Connections stay
    with the dialect that they were made by."""
    kept: dict[str, tuple[Dialect, Any]] = {}
    for name in ("_sqlite", "_postgresql"):
        make = getattr(Database, name)

        def made(*args: Any, make: Any = make) -> AsyncEngine:
            engine: AsyncEngine = make(*args)
            sync = engine.sync_engine
            first = kept.get(sync.dialect.name)
            # A dialect that nobody has connected with does not know its server yet.
            if first is None or not hasattr(first[0], "default_isolation_level"):
                kept[sync.dialect.name] = first = sync.dialect, sync._compiled_cache
            sync.dialect, sync._compiled_cache = first
            return engine

        setattr(Database, name, made)
