"""Search over the knowledge base: a lexical and a dense channel, fused, with calibrated abstention."""
