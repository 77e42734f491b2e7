"""Measures how well stickers are found, on queries written by hand in both languages."""
