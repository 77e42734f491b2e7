"""Who a client is, for which tenant it speaks, and how much it may do."""
