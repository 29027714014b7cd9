"""Printed documents: vouchers and statements as accessible PDF, statements as CSV."""
