"""Pictures that customers send: checked, re-encoded, kept, and served to those who may see them."""
