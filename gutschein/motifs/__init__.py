"""Motifs: the pictures that vouchers are given in, drawn by us or brought by a town."""
