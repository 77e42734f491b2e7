"""Erasure of a customer, and what expires by itself."""
