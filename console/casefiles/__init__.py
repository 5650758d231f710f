"""The desk where agents examine files: which wait, one file with its list and decision, and what is done about them."""
