"""Amend frozen submissions."""

revision = "0026"

down_revision = "0025"

branch_labels = None

depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
