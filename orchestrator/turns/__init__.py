"""The write-ahead log of turns: who answers what, in which order, and who takes over."""
