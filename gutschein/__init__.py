"""Clearing for regions of German city vouchers."""

__version__ = "0.1.0"
