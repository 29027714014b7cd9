"""The month's end: close a period, pay the merchants, net the towns."""
