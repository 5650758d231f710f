"""The mailbox of an account: one-way messages of the Ministry, kept for good (DM-03 to DM-05)."""
