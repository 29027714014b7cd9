"""The life of a voucher: issued against money, blocked, replaced, expired."""
