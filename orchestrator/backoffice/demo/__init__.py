"""A shop with customers, orders and parcels, so that a new installation has something to talk about."""
