"""What to do with what was understood: a decision tree that is data."""
