from pathlib import Path


def tiny_model_path() -> Path:
    """The script that makes the model; it is run, never imported."""
    return Path(__file__).with_name("tiny_model.py")
