"""The routes of accounts and of who acts for them, with their services."""
