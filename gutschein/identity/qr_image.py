"""The QR code that an authenticator app scans, as SVG."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M

_QUIET_ZONE = 4  # modules, ISO/IEC 18004, section 6.3.8


def qr_svg(text: str) -> bytes:
    """Draw *text* as a QR code with its quiet zone, dark on light whatever the page."""
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET_ZONE)
    symbol.add_data(text)
    symbol.make(fit=True)
    rows = symbol.get_matrix()
    dark = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    )
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        ' shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>'
    ).encode("ascii")
