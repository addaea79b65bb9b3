"""A small run whose tables fit each other, committed in as many blocks as a test likes."""

import copy
import json
import math
import secrets

import numpy as np
import pyarrow as pa
import pytest
from fault_proxy import FaultProxy

from ilime_core.records import Modality
from tasks.comparison.diff import diff_runs
from tasks.run_files.commits import BlockFacts, commit_block
from tasks.run_files.naming import item_id_of, pair_id_of, plan_key
from tasks.runs.run import open_run
from tasks.storage.storage import Storage, StorageOptions
from tasks.tables import STAGES, TABLES

NO_FACTS = BlockFacts()
ESTIMATOR = "banzhaf"
LEFT_SEGMENTS, RIGHT_SEGMENTS, DIM = 4, 3, 8
RUN_ROW = {
    "label": "demo",
    "status": "finished",
    "corpus": "karpathy",
    "n_images": 3,
    "n_texts": 4,
    "n_failed": 2,
}


def unit(rng, *shape):
    rows = rng.normal(size=shape).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def corpus_tables(rng):
    """Items, pairs, rankings and metrics of 3 images and 4 texts."""
    images = [item_id_of(Modality.IMAGE, b"%d" % n) for n in range(3)]
    texts = [item_id_of(Modality.TEXT, b"%d" % n) for n in range(4)]
    embeddings = dict(zip(images + texts, unit(rng, 7, DIM), strict=True))
    items = [
        {
            "item_id": item,
            "modality": "image" if item in images else "text",
            "entry": n,
            "embedding": vector.tolist(),
        }
        for n, (item, vector) in enumerate(embeddings.items())
    ]
    rankings = [
        {"query_id": query, "direction": direction, "rank": rank, "candidate_id": candidate, "score": score}
        for direction, queries, pool in (("left_to_right", images, texts), ("right_to_left", texts, images))
        for query in queries
        for rank, (score, candidate) in enumerate(
            sorted(((float(embeddings[query] @ embeddings[c]), c) for c in pool), reverse=True), start=1
        )
    ]
    ranks = {(row["query_id"], row["candidate_id"]): row["rank"] for row in rankings}
    pairs = [
        {
            "pair_id": pair_id_of(left, right), "block": 0, "left_id": left, "right_id": right,
            "relation": "retrieved", "is_positive": False, "is_error": False, "is_retrieved": True,
            "rank_left_to_right": ranks[left, right], "rank_right_to_left": ranks[right, left],
            "score": float(embeddings[left] @ embeddings[right]),
        }
        for left in images for right in texts if (len(left) + images.index(left) + texts.index(right)) % 2
    ]  # fmt: skip
    metrics = [
        {"direction": d, "metric": m, "value": 0.5, "n_queries": n, "n_candidates": 7 - n}
        for d, n in (("left_to_right", 3), ("right_to_left", 4))
        for m in ("recall_at_1", "median_rank")
    ]
    return {"items": items, "pairs": pairs, "rankings": rankings, "retrieval_metrics": metrics}


def fit_tables(rng, pair_id, left_effects, right_effects):
    """W and what follows from it for one pair."""
    weights = left_effects @ right_effects.T
    left, strengths, right = np.linalg.svd(weights, full_matrices=False)
    gaps = -np.diff(np.append(strengths, 0.0))
    cell = {"pair_id": pair_id, "estimator": ESTIMATOR}
    return {
        "fits": [cell | {"f_full": float(rng.normal()), "r2_cross": float(rng.uniform()), "max_z": 5.0}],
        "interactions": [
            cell
            | {"left_segment": i, "right_segment": j, "weight": float(weights[i, j]), "standard_error": 0.01}
            for i in range(LEFT_SEGMENTS)
            for j in range(RIGHT_SEGMENTS)
        ],
        "factors": [
            cell
            | {
                "component": k + 1, "strength": float(strengths[k]), "gap": float(gaps[k]), "energy": 0.5,
                "left_vector": left[:, k].tolist(), "right_vector": right[k].tolist(),
            }
            for k in range(len(strengths))
        ],
    }  # fmt: skip


def small_tables(seed=0):
    """Rows by table."""
    rng = np.random.default_rng(seed)
    tables = {name: [] for name in TABLES} | corpus_tables(rng)
    effects = {}
    for item in tables["items"]:
        name, n = item["item_id"], LEFT_SEGMENTS if item["modality"] == "image" else RIGHT_SEGMENTS
        effects[name] = rng.normal(size=(n, DIM)).astype(np.float32) / 3
        tables["views"].append({"item_id": name, "label_map": b"png", "n_segments": n, "seen": 1.0})
        tables["item_fits"].append({"item_id": name, "estimator": ESTIMATOR, "n_masks": 64, "condition": 1.5})
        tables["embeddings"].append(
            {"item_id": name, "set": "full", "row": 0, "mask": b"\xf0", "embedding": item["embedding"]}
        )
        for i in range(n):
            tables["segments"].append({"item_id": name, "segment": i, "share": 1 / n, "area": 10 * i})
            tables["effects"].append(
                {"item_id": name, "estimator": ESTIMATOR, "segment": i, "effect": effects[name][i].tolist()}
            )
    for pair in tables["pairs"]:
        for name, rows in fit_tables(
            rng, pair["pair_id"], effects[pair["left_id"]], effects[pair["right_id"]]
        ).items():
            tables[name] += rows
    first = tables["pairs"][0]
    tables["margins"].append(
        {
            "query_id": first["left_id"], "direction": "left_to_right", "estimator": ESTIMATOR,
            "reason": "error", "number": 0,
            "correct_pair_id": first["pair_id"], "wrong_pair_id": tables["pairs"][1]["pair_id"],
            "margin": -0.1,
        }
    )  # fmt: skip
    tables["aggregates"].append(
        {
            "estimator": ESTIMATOR,
            "relation": "all",
            "quantity": "r2_cross",
            "mean": math.pi,
            "n": len(tables["pairs"]),
        }
    )
    tables["runs"].append(RUN_ROW | {"n_pairs": len(tables["pairs"])})
    return tables


def commit_tables(storage, run_id, tables, n_blocks=1, label="demo", created="2026-01-01T00:00:00+00:00"):
    """Commit rows by table as a finished run, rows of equal first key in one block, and freeze a plan."""
    for stage in STAGES:
        single = stage in {"match", "summarise", "finish"}
        for block in range(1 if single else n_blocks):
            parts = {}
            for name, spec in TABLES.items():
                if spec.stage != stage:
                    continue
                firsts = sorted({row[spec.key[0]] for row in tables[name]})
                rows = [r for r in tables[name] if single or firsts.index(r[spec.key[0]]) % n_blocks == block]
                if "slice" in spec.key:
                    rows = [{"slice": "all"} | row for row in rows]
                parts[name] = pa.Table.from_pylist(rows, schema=spec.schema) if rows else []
            commit_block(storage, run_id, stage, block, parts, NO_FACTS)
    plan = {"run_id": run_id, "label": label, "created": created, "n_images": 3, "n_texts": 4}
    plan |= {"embed_blocks": [{"block": n} for n in range(n_blocks)]}
    storage.write(plan_key(run_id), json.dumps(plan).encode())
    blocks = {"item_blocks": [{}] * n_blocks, "pair_blocks": [{}] * n_blocks}
    storage.write(plan_key(run_id, "blocks.json"), json.dumps(blocks).encode())


@pytest.fixture
def small():
    """Rows by table of a small run."""
    return small_tables()


@pytest.fixture(scope="session")
def commit_run():
    """The function that commits rows as a run."""
    return commit_tables


@pytest.fixture
def store(tmp_path):
    """An empty folder."""
    return Storage(str(tmp_path / "x"))


A, B = "r000000000000000a", "r000000000000000b"


@pytest.fixture
def compare(small, commit_run, tmp_path):
    """Commit the small run and a changed copy; compare them."""

    def compared(change=lambda tables: None, n_blocks=2, original=lambda tables: None):
        first, second = copy.deepcopy(small), copy.deepcopy(small)
        original(first)
        change(second)
        store = Storage(str(tmp_path / secrets.token_hex(4)))
        commit_run(store, A, first, 1, "a")
        commit_run(store, B, second, n_blocks, "b")
        return diff_runs(open_run(store.url, A), open_run(store.url, B))

    return compared


@pytest.fixture
def bucket(s3_access):
    return s3_access.make_bucket()


@pytest.fixture
def s3_storage(bucket):
    return Storage(f"s3://{bucket}/deep/root")


@pytest.fixture
def counted(s3_access, bucket):
    """Storage whose requests a proxy counts."""
    with FaultProxy(s3_access.port) as proxy:
        yield Storage(f"s3://{bucket}/deep/root", StorageOptions(proxy.endpoint_url)), proxy
