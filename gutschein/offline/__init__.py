"""What shops take without a net: the town's terms, the claims that come of it, status lists."""
