"""The routes of accounts and desks, on a real database."""
