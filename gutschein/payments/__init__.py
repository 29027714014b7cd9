"""Money that has come in for vouchers: booked first, issued against afterwards."""
