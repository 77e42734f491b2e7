"""The sticker tower and the captioner: data, training, export and evaluation."""
