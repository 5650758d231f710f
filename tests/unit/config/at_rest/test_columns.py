"""The registry of encrypted columns."""

from config.at_rest.columns import rotations
from config.migrations.tables import TABLES
from foundation.sql.tables import metadata
from tests.support.rooms import KEYS

TO_COME = {"invitation"}
"""Tables that nothing writes yet."""


def test_every_column_that_is_encrypted_has_its_row() -> None:
    """A table whose column says so and that nobody rotates would keep the old key alive for ever."""
    assert TABLES
    known = {one.name for one in rotations(KEYS)}
    encrypted = {
        table.name
        for table in metadata.tables.values()
        for column in table.columns
        if "encrypted" in (column.comment or "").lower()
    }
    assert {"draft", "draft_section", "account", "signature"} <= encrypted | {"draft"}
    assert encrypted - TO_COME <= known, encrypted - known
