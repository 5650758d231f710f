"""The operators' view of the tasks of the outbox: what waits, runs, was done, was set aside, and doing it again."""
