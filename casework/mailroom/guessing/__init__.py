"""Which file an item without one might belong to: what stands on it, numbers nearby, points and reasons."""
