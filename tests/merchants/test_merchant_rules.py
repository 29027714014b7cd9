from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from gutschein.merchants.rules import after

instants = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - any will do


@given(instants, instants)
def test_what_comes_later_stands_later(earlier: datetime, now: datetime) -> None:
    assert after(earlier, now) > earlier
    assert after(earlier, now) == now or now <= earlier
