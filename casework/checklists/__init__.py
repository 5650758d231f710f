"""The personal list of documents of a file, from the answers to the last original that goes back (DC-01 to DC-07)."""
