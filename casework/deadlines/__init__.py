"""The deadlines of files: which are open, how each was found, and what a day that is proclaimed late does to them."""
