"""The desk where a day is proclaimed a holiday: what would move is shown first, and two people act (P17)."""
