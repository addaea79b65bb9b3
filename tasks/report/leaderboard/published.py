"""Published values beside a measurement of the same benchmark: recognition on mosaics of ImageNet."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.report.leaderboard.entries import BoardEntry
from tasks.report.leaderboard.headlines import mean_words, number
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.runs.run import Run

__all__ = ["PUBLISHED", "PublishedRow", "published_lines"]

_DASH = "\N{EN DASH}"
_MODES = tuple(f"{count} named" for count in (1, 2, 3, 4))
_SOURCE = "CLIP ViT-B/32, arXiv 2508.05430, read second hand"
_GAP = "  "


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """Values of one published method, with one, two, three and four objects named."""

    method: str
    values: tuple[float, float, float, float]
    nearest: str = ""
    """Our row that comes nearest; empty where we have none."""

    @property
    def label(self) -> str:
        """Method, and our nearest row."""
        return f"{self.method} (near {self.nearest})" if self.nearest else self.method


PUBLISHED = (
    PublishedRow("GAME", (0.61, 0.43, 0.33, 0.28)),
    PublishedRow("Grad-ECLIP", (0.68, 0.45, 0.33, 0.28), "grad_cam"),
    PublishedRow("Shapley", (0.70, 0.56, 0.46, 0.37), "linear surrogate"),
    PublishedRow("exCLIP", (0.73, 0.88, 0.89, 0.92), "integrated_jacobian"),
    PublishedRow("FIxLIP, Shapley", (0.83, 0.82, 0.84, 0.86), "product_shapley"),
    PublishedRow("FIxLIP, p = .7", (0.83, 0.81, 0.83, 0.85), "weighted_banzhaf at .7"),
)
"""In the order of the paper."""


def published_lines(run: Run, board: Leaderboard) -> list[str]:
    """Own rows by number of named objects, and the published ones below them.

    Parameters
    ----------
    run
        Measured run.
    board
        Its leaderboard.

    Returns
    -------
    list of str
        Lines; none of another corpus, or where recognition was not measured.
    """
    found = {
        (name, variant.mode): entry
        for (name, relation, variant), entry in board.entries.items()
        if relation == ALL and variant.metric == "recognition"
    }
    if not found or _corpus_format(run) != "imagenet_mosaics":
        return []
    own = [name for name in board.estimators if any((name, mode) in found for mode in _MODES)]
    rows = [["recognition (PGR)", *_MODES]]
    for name in own:
        rows.append([name, *(_cell(found.get((name, mode))) for mode in _MODES)])
        rows.append([f"{_GAP}chance", *(_chance(found.get((name, mode))) for mode in _MODES)])
    rows.append([f"linear surrogate of {own[0]}", *(_linear(found.get((own[0], mode))) for mode in _MODES)])
    rows.append(["pairs", *(_pairs(found.get((own[0], mode))) for mode in _MODES)])
    rows.append([f"published: {_SOURCE}"])
    rows += [[row.label, *(f"{value:.2f}" for value in row.values)] for row in PUBLISHED]
    widths = [max(len(row[place]) for row in rows if len(row) > 1) for place in range(len(rows[0]))]
    return [
        "",
        *(
            _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
            for row in rows
        ),
        "mean (95 % interval, clustered by mosaics and texts); docs/published.md says what differs",
    ]


def _corpus_format(run: Run) -> object:
    parameters = run.plan.get("parameters")
    section = parameters.get("corpus") if isinstance(parameters, Mapping) else None
    return section.get("format") if isinstance(section, Mapping) else None


def _cell(entry: BoardEntry | None) -> str:
    return _DASH if entry is None or entry.explanation is None else mean_words(entry.explanation)


def _chance(entry: BoardEntry | None) -> str:
    return _DASH if entry is None else number(entry.chance)


def _linear(entry: BoardEntry | None) -> str:
    return _DASH if entry is None or entry.linear is None else mean_words(entry.linear)


def _pairs(entry: BoardEntry | None) -> str:
    return _DASH if entry is None or entry.explanation is None else f"{entry.explanation.n:,}"
