"""Number letters and keep their PDF."""

revision = "0022"

down_revision = "0021"

branch_labels = None

depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
