"""Kinds of voucher: which values there are, how long they last, who pays what."""
