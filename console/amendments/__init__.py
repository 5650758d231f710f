"""Where agents read what was added to submissions beside what was signed, take it into account, or ask."""
