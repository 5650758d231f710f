"""The public calculator of deadlines: the same code as every deadline of a file, for whoever wants to check one."""
