"""People of the shop in conversations: taking, saying, giving back, watching."""
