"""The sticker catalogue and its ranker: finds stickers for a text, learns from clicks."""
