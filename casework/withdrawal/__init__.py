"""Taking an application back: what that means is shown first, then the candidate confirms it, once and for good."""
