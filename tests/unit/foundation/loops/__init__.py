"""Loops that end."""
