"""What goes back by post: set aside, with its letter, sent with the number by which the post follows it."""
