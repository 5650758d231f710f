"""The desk where features are planned by date, approved by a second person, and turned off again."""
