"""Costs of what calibration does not time, in processor seconds of a core of an AMD EPYC.

Fits, sweep and gather were measured (docs/performance.md); stages, blocks of fits and reports are rough
figures of a profile of both demos on 2026-12-01; the engine, segmenting and summarising are estimates. The
one place of these numbers: ``ilime plan --calibrate`` stretches them by the load of its machine, and
docs/scaling.md is made from them.
"""

__all__ = [
    "ENGINE_S",
    "FITS_PER_S",
    "FIT_BLOCK_S",
    "GATHERED_PER_S",
    "REPORTED_PER_S",
    "REPORT_S",
    "SEGMENTED_PER_S",
    "STAGES_S",
    "SUMMARISED_PER_S",
    "SWEPT_PER_S",
]

ENGINE_S = 2.0
"""Importing Prefect beside its server that starts, the flow, and the server's end."""

SEGMENTED_PER_S = 15.0
"""Images a second, read, decoded and cut by slic."""

FITS_PER_S, FIT_BLOCK_S = 450.0, 0.1
"""Pairs of one estimator a second, 49 regions by 10 words and 512 dimensions, read, fitted and written; and
seconds of each block beside them."""

SWEPT_PER_S, GATHERED_PER_S = 107_000.0, 1_060_000.0
"""Pairs of ``pairs.all`` a second and worker, and of what puts their totals together."""

STAGES_S, SUMMARISED_PER_S = 1.1, 5_000.0
"""Match, summarise, rank, finish and the lines of the end; and pairs of one estimator that are summarised a
second."""

REPORT_S, REPORTED_PER_S = 3.0, 1_700.0
"""A report's imports and pages of the whole run; and its pairs a second."""
