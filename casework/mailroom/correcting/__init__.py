"""Putting an entry right after its day: what two persons do, and what follows for the money that the item brought."""
