"""The planted run of the figures' tests, and a leaderboard whose verdicts are planted."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from ilime_core.faithfulness.registry import REPORTED

_PLACE = Path(__file__).parent.parent / "figures" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("pictured_run", _PLACE)
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)

BASELINE = _MODULE.BASELINE
EVIL = "<b>evil|method"
"""No estimator is called so; what stands in a table is shown as it is."""

_WHERE = {
    "mode": "none",
    "side": "both",
    "baseline": BASELINE,
    "axis": "none",
    "scale": "raw",
    "relation": "all",
}


def board_rows(estimator, metric, controls, gains=(), direction="higher", **where):
    """Rows of one method: ``controls`` and ``gains`` give (mean, half of the interval or None).

    Ten items on either side, and small p-values, unless ``where`` says otherwise.
    """
    common = {"measure_id": "m2", "estimator": estimator, "metric": metric, "direction": direction}
    common |= {"n": 10, "n_unknown": 2, "n_left": 10, "n_right": 10, "p_adjusted": 0.001, "degrees": 1e6}
    common |= _WHERE | where
    known = REPORTED[metric].null if metric in REPORTED else None
    said = [(control, "none", value) for control, value in controls.items()]
    said += [("explanation", control, value) for control, value in dict(gains).items()]
    return [
        common
        | {"control": control, "versus": versus, "mean": mean, "median": mean}
        | {"null_value": 0.0 if versus != "none" else known if control == "explanation" else None}
        | {"standard_error": None if half is None else half / 1.96}
        | {"low": None if half is None else mean - half, "high": None if half is None else mean + half}
        for control, versus, (mean, half) in said
    ]


def planted_board():
    """Three methods; one leads where intervals tell, two are alike elsewhere."""
    score = {"mode": "score", "axis": "count"}
    rows = []
    for name, mean, gain in (
        ("occlusion", (0.4, 0.05), (-0.1, 0.05)),
        ("banzhaf", (0.8, 0.05), (0.3, 0.1)),
        (EVIL, (0.78, 0.05), (0.28, 0.5)),
    ):
        controls = {"explanation": mean, "main_effects": (0.45, 0.1), "random": (0.5, 0.1)}
        rows += board_rows(name, "insertion", controls, {"random": gain}, **score)
        for where in (
            {"side": "left"},
            {"axis": "area"},
            {"baseline": "blur, drop"},
            {"scale": "normalised"},
        ):
            rows += board_rows(name, "insertion", {"explanation": (0.111, 0.01)}, **(score | where))
    for relation, mean in (("positive", 0.9), ("hard_negative", 0.6)):
        rows += board_rows("banzhaf", "insertion", {"explanation": (mean, 0.1)}, relation=relation, **score)
    for name, mean, gain in (("banzhaf", 0.2, -0.3), ("occlusion", 0.5, 0.0), (EVIL, 0.6, 0.1)):
        controls = {"explanation": (mean, 0.02), "random": (0.5, 0.1)}
        rows += board_rows(name, "deletion", controls, {"random": (gain, 0.05)}, "lower", **score)
    for p, mean in (("0.3", 0.3), ("0.7", 0.7), ("0.45", 0.45)):
        controls = {"explanation": (mean, 0.1)}
        rows += board_rows("banzhaf", "p_faithfulness_spearman", controls, mode=f"score p={p}")
    rows += board_rows("banzhaf", "r2_cross", {"explanation": (0.43, 0.1)})
    rows += board_rows("banzhaf", "r2_cross_ceiling", {"explanation": (0.52, 0.1)})
    rows += board_rows("banzhaf", "share_cross", {"explanation": (0.04, 0.01)})
    for name, mean in (("banzhaf", 0.41), ("occlusion", 0.05)):
        rows += board_rows(name, "r2_cross_held_out", {"explanation": (mean, 0.1)})
        controls = {"explanation": (mean / 2, 0.05), "random": (0.04, 0.01)}
        rows += board_rows(
            name, "randomised_weights", controls, {"random": (0.1, 0.5)}, "lower", mode="weights"
        )
    for name, image, text in (("banzhaf", 258.4, 66), ("occlusion", 51, 9), (EVIL, 1234, 5)):
        for mode, mean in (("image_encodes", image), ("text_encodes", text)):
            rows += board_rows(name, "cost", {"explanation": (mean, None)}, direction="lower", mode=mode)
    rows += board_rows("banzhaf", "novelty_of_words", {"explanation": (0.00012, 0.00001)})
    return rows + claim_rows() + narrow_board()


def difference_rows():
    """Methods against each other: two are alike in insertion, one leads in deletion."""
    common = {"measure_id": "m2", "side": "both", "baseline": BASELINE, "axis": "count", "scale": "raw"}
    common |= {"mode": "score", "relation": "all", "n": 10, "n_unknown": 2, "n_left": 10, "n_right": 10}
    half = 0.05
    return [
        common
        | {"metric": metric, "direction": direction, "estimator": one, "rival": other, "mean": mean}
        | {"median": mean, "low": mean - half, "high": mean + half, "smallest_difference": 0.07}
        | {"standard_error": half / 1.96, "degrees": 1e6, "p_value": p / 10, "p_adjusted": p}
        for metric, direction, one, other, mean, p in (
            ("insertion", "higher", "banzhaf", EVIL, 0.02, 0.7),
            ("insertion", "higher", "banzhaf", "occlusion", 0.4, 0.003),
            ("insertion", "higher", EVIL, "occlusion", 0.38, 0.004),
            ("deletion", "lower", "banzhaf", EVIL, -0.4, 0.001),
            ("deletion", "lower", "banzhaf", "occlusion", -0.3, 0.002),
            ("deletion", "lower", EVIL, "occlusion", 0.1, 0.01),
        )
    ]


def claim_rows():
    rows = []
    for name, gain in (("banzhaf", (-0.2, 0.1)), ("occlusion", (0.0, 0.1)), (EVIL, (0.2, 0.1))):
        controls = {"explanation": (0.1, 0.05), "main_effects": (0.3, 0.05)}
        rows += board_rows(name, "incompleteness", controls, {"main_effects": gain}, "lower")
    controls = {"main_effects": (0.5, 0.1), "random": (0.75, 0.0)}
    again = controls | {"explanation": (0.1, 0.05)}
    rows += board_rows("banzhaf", "missed_rows", again, {"main_effects": (-0.4, 0.1)}, "lower")
    rows += board_rows("occlusion", "missed_rows", controls, direction="lower")
    rows += board_rows(EVIL, "missed_rows", controls, direction="lower")
    unknown = {"n": 0, "n_unknown": 12, "mode": "score", "axis": "count"}
    return rows + [
        row | {"mean": None, "median": None}
        for row in board_rows(
            "banzhaf", "asymmetry", {"explanation": (0, None)}, direction="lower", **unknown
        )
    ]


def narrow_board():
    """A second measurement that says less, although its id is the larger one."""
    return board_rows("banzhaf", "insertion", {"explanation": (0.9, 0.1)}, measure_id="m3", mode="score")


def plant_board(tables):
    tables["leaderboard"] += planted_board()
    tables["method_differences"] += difference_rows()


@pytest.fixture(scope="session")
def pictured(tmp_path_factory, commit_run):
    """The planted run; only to be read."""
    return _MODULE.make_pictured(tmp_path_factory.mktemp("pictured"), commit_run)


@pytest.fixture(scope="session")
def ranked(tmp_path_factory, commit_run):
    """The planted run with a leaderboard; only to be read."""
    return _MODULE.make_pictured(
        tmp_path_factory.mktemp("ranked"),
        commit_run,
        plant_board,
    )


@pytest.fixture
def planted():
    """The rows of the planted leaderboard, and how to make a run."""
    return SimpleNamespace(
        rows=planted_board(), plant=plant_board, board_rows=board_rows, make=_MODULE.make_pictured
    )
