"""What a turn can do besides talking."""
