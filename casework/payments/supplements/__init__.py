"""Supplements: what an amendment costs that adds a person to a file whose fee is here (PM-01, PY-09)."""
