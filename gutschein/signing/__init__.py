"""Authenticity: the signed token behind the QR code, its typed twin, and the town's keys."""
