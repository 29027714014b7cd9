"""Money that came in by bank, and the orders that it is for."""
