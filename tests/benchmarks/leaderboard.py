"""Methods by metrics and by each other on three corpora: the tables of docs/faithfulness.md.

``python tests/benchmarks/leaderboard.py --out leaderboards [--corpora scenes mosaics] [--write]``. It runs
``ilime explain`` and ``ilime measure`` below ``--out``: stopped anywhere, the same command goes on.
``--write`` puts the tables into the page, and the scenes' picture beside it. An hour of one core together.
"""

import argparse
import platform
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tasks.process.allocator import keep_freed_memory

keep_freed_memory()  # before anything starts threads

import torch
from leaderboard_boards import CLAIMS, COMMON, CORPORA, FREE, LOCATED, RANDOMISED, STABLE, STORED, Corpus
from paper_claims import claims_markdown
from PIL import Image
from rich.console import Console

from flows.actions.demo import demo_parameters
from flows.execution import execute
from tasks.report.leaderboard.methods_page import methods_figures
from tasks.report.leaderboard.reading import read_leaderboard
from tasks.report.leaderboard.records import Leaderboard
from tasks.report.leaderboard.text import differences_markdown, leaderboard_markdown
from tasks.report.leaderboard.verdicts import BoardEstimate
from tasks.run_files.plan import open_run_plan
from tasks.runs.run import Run, open_run
from tasks.spec import ExplainParameters
from tasks.stages.measure.plan import plan_measurement

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "faithfulness.md"
PICTURE = DOCS / "images" / "leaderboard-scenes.png"
COLOURS = 256
Key = TypeVar("Key")
AGAINST = "Method against method, pair by pair:"


def merged(tree: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    found = dict(tree)
    for name, value in changes.items():
        known = found.get(name)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        found[name] = merged(known, value) if both else value
    return found


class Measured:
    """One corpus, explained once and measured several times."""

    def __init__(self, folder: Path, corpus: Corpus, fields: list[str]) -> None:
        spec = demo_parameters(folder, fields, corpus.demo).model_dump(mode="json")
        self._corpus = corpus
        self._spec = merged(spec, merged(COMMON, corpus.changes))
        self._run = _executed("explain", self._parameters({"sample": 0}))

    def board(self, section: Mapping[str, object], *, spread: bool = False) -> Leaderboard:
        """Measure what a section of the spec says; ``spread`` takes one match of every picture."""
        pairs = {"pairs": _one_a_picture(self._run)} if spread else {}
        parameters = self._parameters(merged(section, pairs))
        _executed("measure", parameters)
        plan = plan_measurement(open_run_plan(self._run.root, self._run.run_id), parameters.faithfulness)
        board = read_leaderboard(self._run, plan.measure_id)
        distinct = self._corpus.distinct_pictures
        return board if distinct is None else of_distinct_pictures(board, distinct)

    def _parameters(self, section: Mapping[str, object]) -> ExplainParameters:
        return ExplainParameters.model_validate(merged(self._spec, {"faithfulness": section}))


def _executed(kind: str, parameters: ExplainParameters) -> Run:
    outcome = execute(kind, parameters, Console(stderr=True))
    if not outcome.finished:
        raise SystemExit(f"{kind} did not finish: {outcome.failures}")
    return open_run(outcome.run.root, outcome.run.run_id)


def _one_a_picture(run: Run) -> list[str]:
    explained = set(run.table("fits", ["pair_id"])["pair_id"].to_pylist())
    rows = run.table("pairs", ["pair_id", "left_id", "is_positive"]).sort_by("pair_id").to_pylist()
    first: dict[str, str] = {}
    for row in rows:
        if row["is_positive"] and row["pair_id"] in explained:
            first.setdefault(row["left_id"], row["pair_id"])
    return sorted(first.values())


def parts(folder: Path, corpus: Corpus, fields: list[str], picture: Path | None) -> Iterator[str]:
    """The tables of one corpus in Markdown, one measurement after the other."""
    measured = Measured(folder, corpus, fields)
    if corpus.curves:
        curves = measured.board(corpus.curves, spread=corpus.spread)
        yield leaderboard_markdown(curves)
        yield AGAINST
        yield differences_markdown(curves, curves.estimators[0])
    free = measured.board(FREE)
    if picture is not None:
        _draw(free, picture)
    yield "Localisation and what the tables hold, on all matches:"
    yield leaderboard_markdown(free, LOCATED + STORED)
    yield AGAINST
    yield differences_markdown(free, free.estimators[0], LOCATED + STORED)
    if corpus.curves:
        sample = {"sample": corpus.curves["sample"]} if "sample" in corpus.curves else {}
        yield "The claims of the InteractionLIME paper:"
        yield claims_markdown(measured.board(merged(CLAIMS, sample), spread=corpus.spread))
    if corpus.has_refits:
        stable = measured.board(STABLE)
        yield "Some of these matches explained again, under other masks and under noise:"
        yield leaderboard_markdown(stable, ["stability_spearman", "stability_pearson"])
        yield claims_markdown(stable)
        yield "The same under random weights of the model:"
        yield leaderboard_markdown(measured.board(RANDOMISED))


def of_distinct_pictures(board: Leaderboard, n_pictures: int) -> Leaderboard:
    """A board whose pictures are made of so few that a claim may rest on no more."""

    def counted(estimates: Mapping[Key, BoardEstimate]) -> dict[Key, BoardEstimate]:
        return {
            key: replace(one, n_clusters=None if one.n_clusters is None else min(one.n_clusters, n_pictures))
            for key, one in estimates.items()
        }

    entries = {
        key: replace(entry, controls=counted(entry.controls), gains=counted(entry.gains))
        for key, entry in board.entries.items()
    }
    differences = {key: counted(one) for key, one in board.differences.items()}
    return replace(board, entries=entries, differences=differences)


def _draw(board: Leaderboard, place: Path) -> None:
    """Write the picture of localisation, in as many colours as a palette holds."""
    [figure] = [
        figure for name, figure in methods_figures(board).items() if "local" in name or "place" in name
    ]
    figure.savefig(place, metadata={"Software": None})
    with Image.open(place) as whole:
        whole.convert("RGB").quantize(COLOURS).save(place, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of runs; kept, so that it can go on")
    parser.add_argument("--corpora", nargs="+", choices=list(CORPORA), default=list(CORPORA))
    parser.add_argument("--set", action="append", default=[], help="change a field of the demos' specs first")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/faithfulness.md")
    asked = parser.parse_args()
    for name in asked.corpora:
        picture = PICTURE if asked.write and name == "scenes" else None
        print(f"{name}, on {platform.machine()} with {torch.get_num_threads()} threads of torch")
        found: list[str] = []
        for part in parts((asked.out / name).resolve(), CORPORA[name], asked.set, picture):
            print(f"\n{part}", flush=True)
            found.append(part)
        if asked.write:
            page = PAGE.read_text(encoding="utf-8")
            begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
            before, rest = page.split(begin)
            _, after = rest.split(end)
            table = "\n\n".join(found)
            PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
