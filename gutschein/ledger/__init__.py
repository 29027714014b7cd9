"""Accounts and transfers: every cent moves by a transfer, and there is no other way."""
