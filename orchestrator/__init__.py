"""Conversations: understand, decide, act, reply, recommend, record."""
