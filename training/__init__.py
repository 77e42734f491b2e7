"""Data, training, export and evaluation; writes `model_repository/` and is imported by no service."""
