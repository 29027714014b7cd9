"""Spending a voucher, and taking it back on the same day."""
