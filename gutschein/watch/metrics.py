"""What the service counts. Names and meaning: docs/reference/metrics.md.

No label tells of a person, a voucher, a merchant or a town. Adding to one of these costs a
fraction of a microsecond, so the hot path may.
"""

from __future__ import annotations

from typing import Literal, get_args

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.watch.instruments import (
    LASTING,
    PASSING,
    Counter,
    Gauge,
    Histogram,
    PlainCounter,
)

Kind = Literal["redemption", "sale", "reversal", "batch"]
Outcome = Literal["done", "repeated", "refused", "failed"]
RetryReason = Literal["serialization", "deadlock", "connection"]
CacheName = Literal["device", "api_key", "town", "town_keys", "programme", "acceptance", "merchant"]
CacheOutcome = Literal["hit", "miss", "stale"]
RunOutcome = Literal["done", "failed"]

_SECONDS = (
    *(0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075),
    *(0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

clearing_queue = Gauge("gutschein_clearing_queue", "Requests that wait for their batch.")
clearing_batches_under_way = Gauge(
    "gutschein_clearing_batches_under_way", "Batches between their first statement and commit."
)
clearing_batch_size = Histogram(
    "gutschein_clearing_batch_size",
    "Items of a batch.",
    (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
)
clearing_commit_seconds = Histogram(
    "gutschein_clearing_commit_seconds",
    "From the first statement of a batch to its commit.",
    _SECONDS,
)
clearing_wait_seconds = Histogram(
    "gutschein_clearing_wait_seconds",
    "From the acceptance of a request to the begin of its batch.",
    _SECONDS,
)
clearing_bisections = PlainCounter(
    "gutschein_clearing_bisections", "Batches that failed as a whole and were split in two."
)
clearing_retries: Counter[RetryReason] = Counter(
    "gutschein_clearing_retries",
    "Batches that were tried again, by why.",
    ["reason"],
    get_args(RetryReason),
)
redemptions: Counter[tuple[Kind, Outcome]] = Counter(
    "gutschein_redemptions",
    "Redemptions, sales, reversals and calls with many of them, by how they ended.",
    ["kind", "outcome"],
    [(kind, outcome) for kind in get_args(Kind) for outcome in get_args(Outcome)],
)
refusals: Counter[str] = Counter(
    "gutschein_refusals", "Refusals, by their code.", ["code"], ERROR_TEXTS
)
cache: Counter[tuple[CacheName, CacheOutcome]] = Counter(
    "gutschein_cache",
    "Look-ups in the caches of the workers.",
    ["name", "outcome"],
    [(name, outcome) for name in get_args(CacheName) for outcome in get_args(CacheOutcome)],
)

log_lines_lost = PlainCounter(
    "gutschein_log_lines_lost", "Lines of the log that could not be written whole."
)

#: As many jobs as a worker may have, and where :mod:`gutschein.watch.job_times` notes of each
#: when it is due, when it was last done and how often it ended how. Here, because all places
#: must be taken in one order, whatever a process imports first.
JOBS = 64
JOB_DUE = PASSING.take(JOBS)
JOB_DONE_AT = LASTING.take(JOBS)
JOB_RUNS: dict[RunOutcome, int] = {"done": LASTING.take(JOBS), "failed": LASTING.take(JOBS)}

#: All of them, in the order a scrape shows them.
INSTRUMENTS = (
    clearing_queue,
    clearing_batches_under_way,
    clearing_batch_size,
    clearing_commit_seconds,
    clearing_wait_seconds,
    clearing_bisections,
    clearing_retries,
    redemptions,
    refusals,
    cache,
    log_lines_lost,
)


def count_redemption(kind: Kind, outcome: Outcome, number: int = 1) -> None:
    """Count redemptions, sales, reversals or calls with many of them."""
    redemptions.add((kind, outcome), number)


def count_refusal(code: str) -> None:
    """Count a refusal that leaves the service. :raises KeyError: when there is no such code."""
    refusals.add(code)


def count_retry(reason: RetryReason) -> None:
    """Count a batch that is tried again."""
    clearing_retries.add(reason)


def count_cache(name: CacheName, outcome: CacheOutcome) -> None:
    """Count a look-up in a cache: found, not there, or there and no longer right."""
    cache.add((name, outcome))
