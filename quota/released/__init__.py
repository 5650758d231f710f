"""Places that unpaid applications released, where a programme offers them again (ADR 0040)."""
