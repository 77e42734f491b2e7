"""What the customer says: language, intent, emotion."""
