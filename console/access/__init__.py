"""Who of the staff has access, in which roles: asked for, confirmed, ended."""
