"""The issuing point: vouchers sold at a desk against cash or card, and the cash counted."""
