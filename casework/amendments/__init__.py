"""Changes that are added to a frozen submission after its payment: never in place, each with its day (PM-01, PM-03)."""
