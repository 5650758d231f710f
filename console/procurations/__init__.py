"""The desk where procurations that come by mail are entered, returned and undone (RP-02, RP-04)."""
