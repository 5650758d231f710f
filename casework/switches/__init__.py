"""Features that are switched on by date, a programme each, by two persons; their audience is told (PM-02, DM-04)."""
