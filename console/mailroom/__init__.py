"""The clerks' desk of the mailroom: what came by post is entered, matched, undone and returned (PA-12)."""
