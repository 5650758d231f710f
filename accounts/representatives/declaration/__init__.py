"""Naming a representative: what is typed, who declares, what is kept of it."""
