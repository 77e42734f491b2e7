"""Step 4 of a turn: who words the answer, and what happens when one of them cannot."""
