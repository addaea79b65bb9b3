"""The tables of an output as an asset of Prefect: who made them last, and of what."""

from prefect.assets import Asset, add_asset_metadata, materialize
from prefect.cache_policies import NO_CACHE

from flows.session.outcome import Outcome
from tasks.runs.run import open_run

__all__ = ["asset_key", "materialise_tables"]

COUNTS = ("n_images", "n_texts", "n_pairs", "n_failed")
REFUSED = frozenset(" #?&%\"'<>[]{}|\\^`")
"""Characters that Prefect does not take in a key, and beside them whatever is not printable ASCII."""
LONGEST = 512


def asset_key(root: str) -> str:
    """URL of an output as a key of an asset; what a key cannot hold becomes an underscore.

    Parameters
    ----------
    root
        The output as storage names it: an absolute folder, or ``s3://bucket/prefix``. Storage refuses
        credentials in it.
    """
    url = root if "://" in root else f"file://{root}"
    return "".join("_" if c in REFUSED or not "!" <= c <= "~" else c for c in url)[:LONGEST]


_LAST = {"explain": "finish", "measure": "measure"}
"""The stage behind which the tables are whole."""


def materialise_tables(kind: str, outcome: Outcome) -> None:
    """Record, as a task run of the current flow, that the tables of an output have been written.

    Like the task runs of blocks it is named by stage and block.

    Parameters
    ----------
    kind
        ``explain`` or ``measure``.
    outcome
        End of the start that wrote them.
    """
    root = outcome.run.root
    asset = Asset(key=asset_key(root))
    metadata: dict[str, str | int] = {"kind": kind, "run_id": outcome.run.run_id, "blocks": outcome.computed}
    [row] = open_run(root, outcome.run.run_id).table("runs", [*COUNTS, "label"]).to_pylist()
    metadata |= {name: value for name, value in row.items() if value is not None}

    @materialize(
        asset,
        by="ilime",
        name="tables",
        task_run_name=f"{_LAST[kind]}-00000-tables",
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def tables() -> None:
        add_asset_metadata(asset, metadata)

    tables()
