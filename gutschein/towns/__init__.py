"""Towns and their regions, and which town honours whose vouchers from when to when."""
