"""``ilime catalog``."""

import click

from flows.commands.options import root_option, selector_argument

__all__ = ["command"]


@click.command(
    "catalog",
    short_help="Write what DuckDB and others need to open a run's tables without ilime.",
    epilog="""\b
Examples:
  ilime catalog latest --root demo-run/tables
  cd demo-run/tables && duckdb catalog.duckdb "FROM matches ORDER BY weight DESC LIMIT 5"
  ilime catalog r0123 --root s3://results/flickr --out flickr --force

catalog.sql and catalog.duckdb have a view for each table and the views of `ilime query`, all with comments;
_dictionary.parquet has a row for each column; datapackage.json has types, keys and files. An output has the
catalog of one run at a time; `ilime prune` removes it with the run.""",
)
@selector_argument
@root_option
@click.option("--out", metavar="DIR", help="Folder for the files, instead of the output itself.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def command(run: str, root: str, out: str | None, force: bool) -> int:
    """Write the catalog of RUN into its output."""
    from flows.actions.catalog import catalog_run

    return catalog_run(root, run, out, force=force)
