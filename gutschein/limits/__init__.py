"""How often something may be tried, counted in PostgreSQL across all workers.

The service's :class:`~gutschein.limits.counting.Limits` stands at ``app.state.limits``;
handlers ask for it by name, ``limits: Counters`` (:mod:`gutschein.web.providers`)::

    await limits.take(PAIRING, client_address(request), now)  # each attempt counts

    await limits.check(SIGN_IN, address, now)  # only failures count:
    ...                                        # refuse before the costly work,
    await limits.note(SIGN_IN, address, now)   # count when it went wrong

What may be counted stands in one table, :mod:`gutschein.limits.rules`.
"""
