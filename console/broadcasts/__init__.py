"""The desk where a message to many people is written, seen beforehand, agreed to and sent (DM-04)."""
