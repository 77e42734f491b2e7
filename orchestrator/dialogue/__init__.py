"""What a conversation remembers between turns."""
