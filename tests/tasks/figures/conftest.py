"""A run of one photograph and two captions whose answer is planted, with names and words that attack."""

import hashlib
import io
import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image
from scipy.stats import t as student

from ilime_core.pictures.decoding import label_map_png
from ilime_core.records import Modality
from tasks.run_files.naming import item_id_of, pair_id_of, plan_key
from tasks.runs.run import Run, open_run
from tasks.storage.storage import Storage
from tasks.tables import TABLES

RUN = "r00000000000000aa"
FILE = 'it\'s "x" & <b>.png'
GOOD = "a cat <script>alert(1)</script> $x^2$"
WRONG = "שלום \N{CAT} مرحبا"
STRONG = 3
"""Region that lights up for the second word of the good caption."""


@dataclass(frozen=True)
class Pictured:
    run: Run
    root: str
    good: str
    wrong: str
    image: str


def photograph():
    stream = io.BytesIO()
    Image.new("RGB", (80, 60), (128, 128, 128)).save(stream, "PNG")
    return stream.getvalue()


def words_of(text):
    return [(match.start(), match.end()) for match in re.finditer(r"\w+", text)]


def pair_rows(tables, pair, text, rng):
    weights = rng.normal(size=(4, len(words_of(text)))) * 0.01
    weights[STRONG, 1] = 0.5
    cell = {"pair_id": pair, "estimator": "banzhaf"}
    tables["fits"].append(
        cell
        | {"r2_cross": 0.4 if text == GOOD else 0.2, "r2_cross_ceiling": 0.44, "share_cross": 0.1}
        | {"f_full": 0.5}
    )
    tables["interactions"] += [
        cell
        | {"left_segment": i, "right_segment": j, "weight": float(w), "standard_error": 0.02}
        | {"degrees": 79.0, "p_value": 2 * float(student.sf(abs(w) / 0.02, 79))}
        for (i, j), w in np.ndenumerate(weights)
    ]
    for side, values in (("left", weights.sum(1)), ("right", weights.sum(0))):
        tables["main_effects"] += [
            cell | {"side": side, "segment": n, "effect": float(v), "intact_effect": float(v)}
            for n, v in enumerate(values)
        ]
    left, strengths, right = np.linalg.svd(weights, full_matrices=False)
    tables["factors"] += [
        cell
        | {
            "component": k + 1, "strength": float(s), "energy": float(s**2 / (strengths**2).sum()),
            "gap": float(s - np.append(strengths, 0)[k + 1]), "sign_margin": 0.5,
            "left_vector": left[:, k].tolist(), "right_vector": right[k].tolist(),
        }
        for k, s in enumerate(strengths)
    ]  # fmt: skip


def corpus_rows(tables, ids):
    image, texts = ids
    labels = np.repeat(np.repeat([[0, 1], [2, 3]], 30, 0), 30, 1)
    sha256 = hashlib.sha256(photograph()).hexdigest()
    row = {"item_id": image, "modality": "image", "entry": 0, "uri": FILE, "external_id": "7", "width": 80}
    tables["items"].append(row | {"sha256": sha256})
    tables["views"].append(
        {
            "item_id": image, "view_width": 60, "view_height": 60, "view_left": 20.0, "view_top": 0.0,
            "scale_x": 1.0, "scale_y": 1.0, "original_width": 80, "original_height": 60, "n_segments": 4,
            "label_map": label_map_png(labels), "seen": 0.75,
        }
    )  # fmt: skip
    for n in range(4):
        box = {"bbox_x": 20 + 30 * (n % 2), "bbox_y": 30 * (n // 2), "bbox_width": 30, "bbox_height": 30}
        tables["segments"].append({"item_id": image, "segment": n, "share": 0.25, **box})
    for entry, (text, item) in enumerate(texts.items(), start=1):
        row = {"item_id": item, "modality": "text", "entry": entry, "external_id": str(entry), "text": text}
        tables["items"].append(row | {"uri": "a.json"})
        tables["views"].append({"item_id": item, "n_segments": len(words_of(text)), "seen": 1.0})
        tables["segments"] += [
            {
                "item_id": item, "segment": n, "char_start": a, "char_end": b, "text": text[a:b],
                "word": text[a:b].casefold(), "truncated": False, "share": 0.2,
            }
            for n, (a, b) in enumerate(words_of(text))
        ]  # fmt: skip


def summary_rows(tables, image, texts):
    tables["retrieval_metrics"] = [
        {"direction": d, "metric": m, "value": v, "n_queries": 2, "n_candidates": 2}
        for d in ("left_to_right", "right_to_left")
        for m, v in (
            ("recall_at_1", 0.25),
            ("recall_at_5", 0.75),
            ("recall_at_10", 1.0),
            ("median_rank", 2.0),
        )
    ]
    common = {"estimator": "banzhaf", "relation": "positive", "n": 1}
    tables["aggregates"] = [
        common | {"quantity": "r2_cross", "mean": 0.41, "median": 0.37, "low": 0.3, "high": 0.5},
        common | {"quantity": "r2_cross_ceiling", "mean": 0.45, "median": 0.42},
        common | {"quantity": "share_cross", "mean": 0.05, "median": 0.04},
    ]
    factor = {"estimator": "banzhaf", "component": 1}
    tables["global_factors"] = [factor | {"strength": 1.0, "energy": 0.8}]
    tables["global_loadings"] = [
        factor | {"side": "left", "item_id": image, "segment": STRONG, "loading": 0.9},
        factor | {"side": "right", "item_id": texts[GOOD], "segment": 2, "loading": 0.7},
    ]
    tables["failures"] = [
        {
            "stage": "embed",
            "entry": 9,
            "reason": "undecodable",
            "message": "<img src=x onerror=alert(2)>",
            "uri": "b",
        }
    ]
    tables["runs"] = [{"label": "planted", "status": "finished", "estimator": "banzhaf"}]


BASELINE = "segment_mean, drop"
"""What the spec fits with where it names nothing else."""
AREAS = {"explanation": 0.8, "main_effects": 0.6, "random": 0.45}


def measured_rows(tables, pair):
    """Random curves stand under another estimator; other baselines, sides and axes say otherwise."""
    for metric, direction in (("insertion", "higher"), ("deletion", "lower")):
        for mode in ("score", "mixed_difference"):
            for side, baseline, shift in (
                ("both", BASELINE, 0.0), ("left", BASELINE, 0.1), ("right", BASELINE, 0.2),
                ("both", "blur, drop", 5.0)
            ):  # fmt: skip
                what = {"metric": metric, "mode": mode, "side": side, "baseline": baseline}
                curve_rows(tables, pair, what, shift)
                tables["faithfulness"] += [
                    what
                    | {
                        "pair_id": pair,
                        "estimator": "banzhaf",
                        "control": control,
                        "value": area + shift + off,
                    }
                    | {"axis": axis, "direction": direction, "measure_id": "m1", "n_orders": 1}
                    for control, area in AREAS.items()
                    for axis, off in (("count", 0.0), ("area", 7.0))
                ]


def curve_rows(tables, pair, what, shift):
    x = [0.0, 0.5, 1.0]
    for estimator, control, order, area in (
        ("banzhaf", "explanation", 0, 0.8),
        ("banzhaf", "main_effects", 0, 0.6),
        ("a_first_one", "random", 0, 0.4),
        ("a_first_one", "random", 1, 0.5),
        ("a_first_one", "explanation", 0, 9.0),
    ):
        tables["curves"].append(
            what
            | {"pair_id": pair, "estimator": estimator, "control": control, "random_order": order}
            | {"measure_id": "m1", "x": x, "area": x, "y": [0.0, area + shift, 1.0]}
        )


def make_pictured(tmp_path, commit_run, change=lambda tables: None):
    """The run, finished, with its corpus on disk; ``change`` sees the rows before they are committed."""
    image, rng = item_id_of(Modality.IMAGE, b"x"), np.random.default_rng(0)
    texts = {text: item_id_of(Modality.TEXT, text.encode()) for text in (GOOD, WRONG)}
    pairs = {text: pair_id_of(image, item) for text, item in texts.items()}
    tables = {name: [] for name in TABLES}
    corpus_rows(tables, (image, texts))
    for rank, (text, pair) in enumerate(pairs.items(), start=1):
        pair_rows(tables, pair, text, rng)
        tables["pairs"].append(
            {
                "pair_id": pair, "block": 0, "left_id": image, "right_id": texts[text], "score": 0.4,
                "relation": "positive" if text == GOOD else "hard_negative", "is_positive": text == GOOD,
                "is_error": text == WRONG, "rank_left_to_right": 3 - rank, "rank_right_to_left": 1,
            }
        )  # fmt: skip
    query = {"query_id": image, "direction": "left_to_right", "estimator": "banzhaf"}
    query |= {"reason": "error", "number": 0}
    tables["margins"] = [
        query
        | {"margin": -0.1, "correct_pair_id": pairs[GOOD], "wrong_pair_id": pairs[WRONG]}
        | {"query_remainder": 0.15, "candidates_remainder": 0.02}
        | {"query_remainder_exceeds": True, "candidates_remainder_exceeds": False}
    ]
    counts = {"query": 4, "correct": len(words_of(GOOD)), "wrong": len(words_of(WRONG))}
    members = {"query": image, "correct": texts[GOOD], "wrong": texts[WRONG]}
    tables["margin_effects"] = [
        query | {"part_of": part, "item_id": members[part], "segment": n, "effect": -0.05 if n == 1 else 0.01}
        for part, count in counts.items()
        for n in range(count)
    ]
    measured_rows(tables, pairs[GOOD])
    summary_rows(tables, image, texts)
    change(tables)
    images = tmp_path / "images"
    images.mkdir()
    (images / FILE).write_bytes(photograph())
    sentences = [{"raw": text, "sentid": n} for n, text in enumerate(texts)]
    entry = {"filename": FILE, "imgid": 7, "split": "test", "sentids": [0, 1], "sentences": sentences}
    (tmp_path / "a.json").write_text(json.dumps({"dataset": "x", "images": [entry]}))
    storage = Storage(str(tmp_path / "out"))
    commit_run(storage, RUN, tables)
    corpus = {"annotations": str(tmp_path / "a.json"), "images": str(images)}
    plan = json.loads(storage.read_bytes(plan_key(RUN)))
    plan["parameters"] = {"corpus": corpus, "estimators": ["banzhaf"], "model": {"name": "conse"}}
    storage.write(plan_key(RUN), json.dumps(plan).encode())
    run = open_run(storage.url, RUN)
    return Pictured(run, storage.url, pairs[GOOD], pairs[WRONG], image)


@pytest.fixture
def pictured(tmp_path, commit_run):
    return make_pictured(tmp_path, commit_run)
