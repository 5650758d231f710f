"""Representatives: who may act for a candidate, proved by a procuration that comes by mail (RP-01 to RP-05)."""
