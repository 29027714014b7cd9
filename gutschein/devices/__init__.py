"""Shops' devices, their cashiers, and the API keys of cash registers."""
