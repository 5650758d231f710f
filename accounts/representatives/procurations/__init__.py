"""The paper by which a candidate names a representative: its reference, and what the mailroom does with it."""
