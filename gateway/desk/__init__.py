"""The agent desk's way in: sessions, deeds over HTTP, and what happens as server-sent events."""
