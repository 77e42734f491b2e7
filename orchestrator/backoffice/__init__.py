"""The shop behind the chat: customers, orders, parcels and what is done about them, in SQL."""
