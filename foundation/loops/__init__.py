"""Work that repeats for as long as a process lives."""
