"""The journal: append-only conversations with a sequence number, and what a client lacks of them."""
