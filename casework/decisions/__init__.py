"""Decisions on files: proposed, confirmed by a second person where the programme says so, explained, never erased."""
