"""Did the money add up? Movements, fees and supplements, summed up again from their rows (P15)."""
