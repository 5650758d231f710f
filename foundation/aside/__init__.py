"""What was set aside and needs a person: tasks that failed too often, mails that no server took."""
