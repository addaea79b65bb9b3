"""``ilime query``."""

import click

from flows.commands.options import NearChoice

__all__ = ["command"]

FORMATS = ("table", "csv", "json", "markdown", "parquet")


@click.command(
    "query",
    short_help="SQL over the tables of a run, or a prompt.",
    epilog="""\b
Examples:
  ilime query demo-run/tables                                    a prompt; SQL ends with ;
  ilime query demo-run/tables --tables                           tables and views
  ilime query demo-run/tables --describe matches                 columns and what they mean
  ilime query demo-run/tables "SELECT * FROM matches ORDER BY weight DESC LIMIT 5"
  ilime query s3://results/flickr "FROM ignored_words" --format csv > ignored.csv
  ilime query demo-run/tables "SELECT run_id, count(*) FROM all_runs.pairs GROUP BY ALL"

  ilime query tables "FROM model_delta WHERE level = 'word'" --comparisons compared

Plain names are the tables and views of one run; all_runs.NAME is a table of every finished run, with run_id.
Nothing can be written, and no other file can be read.""",
)
@click.argument("root")
@click.argument("sql", required=False)
@click.option(
    "--run", default="latest", show_default=True, metavar="RUN", help="Run id, its prefix, or label."
)
@click.option(
    "--format",
    "format_",
    default="table",
    show_default=True,
    type=NearChoice(FORMATS),
    help="Form of it.",
)
@click.option(
    "--rows",
    default=50,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Rows that a table shows; the other formats write all.",
)
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Threshold of a view: --set low_r2=0.4")
@click.option("--comparisons", default="", metavar="DIR", help="Output of `ilime compare`.")
@click.option("--tables", is_flag=True, help="List tables and views.")
@click.option("--describe", metavar="NAME", help="Columns of a table or view, with type, unit and meaning.")
def command(  # noqa: PLR0917 - click passes every option by name
    root: str,
    sql: str | None,
    run: str,
    format_: str,
    rows: int,
    comparisons: str,
    settings: tuple[str, ...],
    tables: bool,
    describe: str | None,
) -> int:
    """Answer SQL over the tables of a run in ROOT."""
    from flows.actions.query import (
        AskedRun,
        answer_query,
        describe_relation,
        list_relations,
        prompt_for_queries,
    )

    if sum((sql is not None, tables, describe is not None)) > 1:
        raise click.UsageError("give one of SQL, --tables and --describe")
    if tables:
        return list_relations()
    if describe is not None:
        return describe_relation(describe)
    asked = AskedRun(root, run, rows, comparisons, dict(map(_threshold, settings)))
    return prompt_for_queries(asked) if sql is None else answer_query(asked, sql, format_)


def _threshold(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise click.UsageError(
            f"--set {text}: a threshold is a name and a number, like low_r2=0.4"
        ) from error
