"""What each kind of item triggers: how it is judged, done and taken back."""
