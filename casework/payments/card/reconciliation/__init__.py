"""Each day's movements beside the provider's own books: what stands on one side alone is said, and raises an alarm."""
