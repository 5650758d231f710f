"""The mailroom: the register of what comes by post, the pen of what fits no file, and what goes back (PA-12)."""
