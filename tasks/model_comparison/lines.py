"""Two runs beside each other as lines of plain text, and as JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.aggregates.corrections import LEVEL
from ilime_core.printable import printable
from tasks.model_comparison.common_pairs import DIRECTIONS
from tasks.model_comparison.common_segments import LEVELS
from tasks.model_comparison.compare import ModelComparison
from tasks.runs.run import Run
from tasks.runs.sides import side_words

__all__ = ["comparison_json", "comparison_lines"]

Found = Mapping[str, Any]

_LISTED = 3
"""Names shown of each kind and sign."""

_KINDS = {"word": "words", "word_class": "word classes", "label": "labels"}


def comparison_lines(found: ModelComparison) -> list[str]:
    """Summary of a comparison: agreement, retrieval, names and pairs that have changed most.

    Parameters
    ----------
    found
        The comparison.

    Returns
    -------
    list of str
        At most a screen, without control characters.
    """
    return [printable(line) for line in _lines(found)]


def comparison_json(found: ModelComparison) -> str:
    """Summary of a comparison for programs: all rows but those of single pairs, segments and queries.

    Parameters
    ----------
    found
        The comparison.

    Returns
    -------
    str
        One JSON object: run_a, run_b, estimator, notes, rows (columns of ``comparisons`` without NULL).
    """
    wanted = pa.array(["benchmark", *LEVELS])
    rows = found.rows.filter(pc.field("level").isin(wanted)).drop_columns(["estimator"]).to_pylist()
    answer = {
        "run_a": found.a.run_id,
        "run_b": found.b.run_id,
        "estimator": found.estimator,
        "notes": list(found.notes),
        "rows": [{name: value for name, value in row.items() if value is not None} for row in rows],
    }
    return json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False)


def _lines(found: ModelComparison) -> Iterator[str]:
    rows = found.rows.filter(pc.field("level").isin(pa.array(["benchmark", *LEVELS]))).to_pylist()
    benchmark = {(row["name"], row["quantity"]): row for row in rows if row["level"] == "benchmark"}
    yield f"A  {_title(found.a)}"
    yield f"B  {_title(found.b)}"
    yield from _common_lines(benchmark, found.estimator)
    yield from _agreement_lines(benchmark)
    yield from _retrieval_lines(found, benchmark)
    for level in LEVELS:
        yield from _named_lines(level, [row for row in rows if row["level"] == level])
    yield from _rank_lines(found)
    yield from (f"note: {note}" for note in found.notes)


def _title(run: Run) -> str:
    [row] = run.table("runs", ["label", "model", "pretrained", "seed"]).to_pylist()
    model = " ".join(filter(None, (row["model"], row["pretrained"])))
    return f"{run.run_id} {row['label'] or ''}: model {model}, seed {row['seed']}"


def _common_lines(benchmark: Mapping[tuple[str, str], Found], estimator: str) -> Iterator[str]:
    pairs = benchmark["W", "pairs"]
    yield (
        f"explained by {estimator}: {pairs['value_a']:,.0f} pairs in A, {pairs['value_b']:,.0f} in B, "
        f"{pairs['value']:,.0f} in both"
    )
    for (name, quantity), row in benchmark.items():
        if quantity == "segments":
            yield (
                f"  segments of {name}s: {row['value_a']:,.0f} in A, {row['value_b']:,.0f} in B, "
                f"{row['value']:,.0f} the same"
            )


def _agreement_lines(benchmark: Mapping[tuple[str, str], Found]) -> Iterator[str]:
    correlation = benchmark["W", "correlation"]
    shown = _estimate(correlation, "value")
    yield f"correlation of W within pairs: {shown}, mean of {correlation['n']:,} pairs"
    reliability = benchmark["W", "reliability"]
    if reliability["value_a"] is None or reliability["value_b"] is None:
        yield "  without errors: unknown, because a run has no errors of W"
        return
    parts = [f"reliability A {reliability['value_a']:.2f}, B {reliability['value_b']:.2f}"]
    parts.append(f"without errors {_estimate(benchmark['W', 'disattenuated'], 'value')}")
    least = benchmark.get(("W", "disattenuated_least"))
    if least is not None:
        parts.append(f"at least {_estimate(least, 'value')} if errors go together")
    yield "  " + "; ".join(parts)
    scale = benchmark["W", "scale"]
    yield f"scale (root mean square joint effect): A {scale['value_a']:.4g}, B {scale['value_b']:.4g}"


def _retrieval_lines(found: ModelComparison, benchmark: Mapping[tuple[str, str], Found]) -> Iterator[str]:
    questions = side_words(found.a).questions
    for direction in DIRECTIONS:
        if (direction, "recall_at_1") not in benchmark:
            continue
        shown = [
            f"R@{k} {row['value_a']:.3f} -> {row['value_b']:.3f} ({_estimate(row, 'difference', sign='+')}"
            f"{_p(row)})"
            for k in (1, 5, 10)
            for row in [benchmark[direction, f"recall_at_{k}"]]
        ]
        only, both = (benchmark[direction, f"failed_in_{name}"] for name in ("one", "both"))
        yield f"{questions[direction]}: {shown[0]}"
        yield f"  {'; '.join(shown[1:])}"
        yield (
            f"  failed in A only {only['value_a']:.0f}, in B only {only['value_b']:.0f}, "
            f"in both {both['value']:.0f}, of {both['n']:,} queries"
        )


def _named_lines(level: str, rows: list[Found]) -> Iterator[str]:
    for quantity, title in (("mass_share", "share of mass"), ("intact_effect", "effect on each run's scale")):
        own = [row for row in rows if row["quantity"] == quantity]
        clear = [row for row in own if row["p_adjusted"] is not None and row["p_adjusted"] < LEVEL]
        if not own:
            continue
        clear.sort(key=lambda row: (-abs(row["difference"]), row["name"]))
        for sign, verb in ((1, "gained"), (-1, "lost")):
            moved = [row for row in clear if row["difference"] * sign > 0]
            if moved:
                shown = "; ".join(
                    f"{row['name']} {row['value_a']:.3f} -> {row['value_b']:.3f}" for row in moved[:_LISTED]
                )
                yield f"{_KINDS[level]} that {verb} {title} ({len(moved)} of {len(own)}): {shown}"
        if not clear:
            yield f"{_KINDS[level]}: none of {len(own)} moved its {title} beyond chance"


def _rank_lines(found: ModelComparison) -> Iterator[str]:
    ranks = found.rows.filter((pc.field("level") == "pair") & (pc.field("quantity") == "rank"))
    moved = [row for row in ranks.to_pylist() if row["difference"]]
    if not moved:
        yield "no common pair changed its rank"
        return
    worst = max(moved, key=lambda row: (abs(row["difference"]), row["name"]))
    yield (
        f"{len({row['name'] for row in moved}):,} pairs changed rank; most: {worst['name'][:13]} "
        f"{worst['side']} {worst['value_a']:.0f} -> {worst['value_b']:.0f}"
    )
    own = found.rows.filter(
        (pc.field("level") == "segment") & (pc.field("name") == worst["name"])
    ).to_pylist()
    own.sort(key=lambda row: -abs(row["difference"]))
    shown = "; ".join(
        f"{_segment(row)} {row['value_a']:+.2f} -> {row['value_b']:+.2f}" for row in own[:_LISTED]
    )
    if shown:
        yield f"  whose effects moved most: {shown}"


def _segment(row: Found) -> str:
    return str(row["text"] or f"{row['side']} segment {row['segment']}")


def _estimate(row: Found, name: str, sign: str = "") -> str:
    if row[name] is None:
        return "unknown"
    ends = "" if row["low"] is None else f" [{row['low']:{sign}.3f}, {row['high']:{sign}.3f}]"
    return f"{row[name]:{sign}.3f}{ends}"


def _p(row: Found) -> str:
    return "" if row["p_adjusted"] is None else f", corrected p {row['p_adjusted']:.2g}"
