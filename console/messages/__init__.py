"""Where an agent writes one message to the person whose file is open."""
