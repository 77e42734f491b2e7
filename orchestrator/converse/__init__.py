"""One client's connection to one conversation."""
