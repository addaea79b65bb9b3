"""Texts above the generated parts of the reference pages."""

from tasks.tables import SCHEMA_VERSION

__all__ = [
    "COMPARISONS_HEAD",
    "REGISTRIES_HEAD",
    "SPEC_HEAD",
    "TABLES_HEAD",
    "THRESHOLDS_HEAD",
    "VALUES_HEAD",
    "VIEWS_HEAD",
]

TABLES_HEAD = f"""\
# Tables

Schema version {SCHEMA_VERSION}; a minor version only adds columns that may be NULL, a major one changes a
type or a name. Runs of an older minor version are read as the types below; runs of another major version are
refused: read them with the version of ilime that wrote them. This page is written by
`python -m tasks.reference_pages tables`.

A table is a folder of Parquet files, `<output>/<table>/run_id=<run>/part-*.parquet`, written by one stage.
`run_id` is the name of a folder, and a column for readers of the folders as one data set. Rows are sorted
by their key, which is **bold** below: it is unique within a run and never NULL. In any other column NULL
means *unknown* or *does not apply*; NaN is never written. Ids are text: `r` runs, `i` items, `p` pairs, each
followed by hex digits. The same photograph has the same `item_id` in every run, a pair the same `pair_id`.

Once a run is finished its folders hold exactly what was committed, and any Parquet reader may glob them: a
table without rows has a part with its columns, which stage finish writes. DuckDB reads runs of several schema
versions together with `union_by_name=true`. Reals are encoded BYTE_STREAM_SPLIT; where
Spark's vectorized reader refuses that, set `spark.sql.parquet.enableVectorizedReader=false`. Before a run is
finished, and in Python, read through the records:

```python
from tasks.runs.run import open_run

run = open_run("demo-run/tables", "latest")
matches = run.table("interactions", columns=["pair_id", "left_segment", "right_segment", "weight"])
```

*Foreign keys* hold within a run: where none of their columns is NULL, the values are the key of a row of the
table that is named. `ilime catalog` writes them in a form that programs read ([query.md](query.md)).

*Volatile* columns report when, where and how fast: they may differ between two runs that are the same.
"""

COMPARISONS_HEAD = """\
# A table apart from the runs

It lies in `<out>/comparisons/run_a=<run>/run_b=<run>/<estimator>.parquet` and is of no run
([compare.md](compare.md)).

"""

VIEWS_HEAD = """\
# Views

Views join the [tables](tables.md) of one run and name things in people's words. `ilime query` has them, and
`ilime catalog` and `ilime export` write them for other programs: [query.md](query.md). Weights and effects
are those of the run's first estimator.

This page is written by `python -m tasks.reference_pages views`.
"""

THRESHOLDS_HEAD = """\
## Thresholds

Variables of views: `ilime query ROOT SQL --set low_r2=0.4`; plain DuckDB: `SET VARIABLE low_r2 = 0.4`.
"""

SPEC_HEAD = """\
# The spec

A run is described by one YAML file. This much it needs, because no default could be right for everybody:
where the corpus is, which model is explained, and where the tables go.

```yaml
corpus: {annotations: data/annotations.json, images: data/images}
model: {name: conse}
output: explanations
```

Every field can also be changed on the command line, as often as you like:

```sh
ilime explain spec.yaml --set seed=1 --set perturbation.max_image_masks=512
```

A relative path in a spec starts from the folder of its file, one of `--set` from the current folder; `..`
is the folder above as the file system knows it, also behind a link. URLs stay as they are.

An unknown field is refused, and the message names the nearest known one. Aliases and repeated keys are
refused too. Passwords and keys have no place here: object stores take theirs from the environment.

The id of a run follows from the *contents* of the corpus, from the model, its precision, `segmentation`,
`perturbation`, `estimators`, `pairs` and `seed`. The other sections change no explanation. What the names of
methods mean is said in [registries.md](registries.md). This page is written by
`python -m tasks.reference_pages spec`.

## Complete example

Every field, with its default where it has one:
"""

REGISTRIES_HEAD = """\
# Methods by name

What the names in a spec mean, and where each method was published; "ilime" marks a choice of our own.
Settings are fields of the spec that the method reads beside those that all of its kind read.
The formulas are in [methods.md](methods.md), the spec's fields in [spec.md](spec.md). This page is written by
`python -m tasks.reference_pages registries`.
"""

VALUES_HEAD = """\
## Values of metrics

Column `metric` of `faithfulness` and `leaderboard`: the range of a raw value, which intervals of means do not
leave, what chance gives (of randomised weights: the bound of the check), the direction that is better (none
where a value is no merit of a method), and what has the value. Normalised values have no range.
"""
