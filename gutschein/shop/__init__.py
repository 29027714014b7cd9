"""Citizens' orders: bought, paid, delivered, withdrawn."""
