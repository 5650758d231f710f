"""Files whose fee is awaited: told, reminded, and deleted when it does not come (PY-01, PY-05)."""
