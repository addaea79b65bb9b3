"""Verification: each way in which a stored run can be damaged is found and named.

Proves tasks.runs.verify, tasks.runs.key_checks, tasks.runs.repair, tasks.run_files.problems,
tasks.run_files.plan_checks, tasks.run_files.record_checks and tasks.run_files.part_listing.
"""

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tasks.planning.reuse import reuse_rows
from tasks.run_files.commit_records import Commit, Part, commit_bytes, content_digest
from tasks.run_files.commits import BlockFacts, commit_block
from tasks.run_files.committed import committed, read_commit
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import commit_key
from tasks.run_files.parts import part_bytes
from tasks.runs.repair import repair_run
from tasks.runs.verify import ProblemKind, verify_run
from tasks.storage.storage import Storage
from tasks.tables import TABLES

RUN, OTHER = "r0123456789abcdef", "rfedcba9876543210"
NO_FACTS = BlockFacts()


@pytest.fixture
def stored(tmp_path, small, commit_run):
    storage = Storage(str(tmp_path))
    commit_run(storage, RUN, small, 2)
    return storage


def part(storage, stage, table, block=0):
    return next(p.key for p in committed(storage, RUN, stage)[block].parts if p.table == table)


def found(storage, expected=None):
    return [(problem.kind, problem.key) for problem in verify_run(storage, RUN, expected)]


def test_a_whole_run_has_no_problems(stored):
    both = [0, 1]
    expected = {"embed": both, "match": [0], "segment": both, "score": both, "fit": both, "finish": [0]}
    assert found(stored, expected) == []


@pytest.mark.parametrize("place", [4, 0.5, -5])
@pytest.mark.parametrize(("stage", "table"), [("score", "effects"), ("embed", "items"), ("match", "pairs")])
def test_one_flipped_bit_is_found(stored, stage, table, place):
    key = part(stored, stage, table)
    data = bytearray(stored.read_bytes(key))
    data[int(place * len(data)) if isinstance(place, float) else place] ^= 1
    stored.write(key, bytes(data))
    assert found(stored) == [(ProblemKind.WRONG_DIGEST, key)]


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda s, k: s.write(k, s.read_bytes(k)[:-1]), ProblemKind.WRONG_SIZE),
        (lambda s, k: s.write(k, b""), ProblemKind.WRONG_SIZE),
        (lambda s, k: s.write(k, s.read_bytes(k) + b"x"), ProblemKind.WRONG_SIZE),
        (lambda s, k: s.delete(k), ProblemKind.MISSING_PART),
    ],
)
def test_a_cut_grown_or_missing_part_is_found(stored, damage, kind):
    key = part(stored, "fit", "interactions", 1)
    damage(stored, key)
    assert found(stored) == [(kind, key)]


def test_a_part_without_a_record_is_found(stored):
    strays = [f"pairs/run_id={RUN}/part-match-00003-abababababab.parquet", f"items/run_id={RUN}/odd.parquet"]
    for key in strays:
        stored.write(key, stored.read_bytes(part(stored, "match", "pairs")))
    assert sorted(found(stored)) == sorted((ProblemKind.UNRECORDED_PART, key) for key in strays)


def test_a_missing_record_leaves_its_parts_and_its_block_behind(stored):
    keys = {p.key for p in committed(stored, RUN, "score")[1].parts}
    record = commit_key(RUN, "score", 1)
    stored.delete(record)
    problems = found(stored, {"score": [0, 1]})
    assert problems[0] == (ProblemKind.MISSING_BLOCK, record)
    assert {key for kind, key in problems[1:] if kind is ProblemKind.UNRECORDED_PART} == keys
    assert len(problems) == 1 + len(keys)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-5],
        lambda data: data.replace(b'"rows":', b'"lines":', 1),
        lambda data: data.replace(b'"block":1', b'"block":0'),
    ],
)
def test_a_record_that_does_not_parse_is_found(stored, damage):
    record = commit_key(RUN, "score", 1)
    stored.write(record, damage(stored.read_bytes(record)))
    assert (ProblemKind.DAMAGED_RECORD, record) in found(stored)


def test_a_record_under_another_name_is_found(stored):
    record = commit_key(RUN, "score", 5)
    stored.write(record, stored.read_bytes(commit_key(RUN, "score", 1)))
    assert found(stored) == [(ProblemKind.DAMAGED_RECORD, record)]


@pytest.mark.parametrize("wrong", ["bytes", "rows"])
def test_a_part_that_is_not_what_its_record_says_is_found(stored, small, wrong):
    key = f"fits/run_id={RUN}/part-fit-00002-abababababab.parquet"
    row = pa.Table.from_pylist([small["fits"][0] | {"estimator": "other"}])
    data = b"no parquet" if wrong == "bytes" else part_bytes(row, TABLES["fits"])
    parts = (Part("fits", key, hashlib.sha256(data).hexdigest(), 2, len(data)),)
    record = Commit("fit", 2, parts, NO_FACTS, "host:1", {}, content_digest("fit", 2, parts, ()))
    stored.write(key, data)
    stored.write(commit_key(RUN, "fit", 2), commit_bytes(record))
    kind = ProblemKind.UNREADABLE if wrong == "bytes" else ProblemKind.WRONG_ROWS
    assert found(stored) == [(kind, key)]


def test_a_key_in_two_parts_is_found(stored, small):
    again = {"effects": pa.Table.from_pylist(small["effects"][:1])}
    commit, _ = commit_block(stored, RUN, "score", 2, again, NO_FACTS)
    (problem,) = verify_run(stored, RUN)
    assert problem.kind is ProblemKind.DUPLICATE_KEY
    assert small["effects"][0]["item_id"] in problem.message
    assert "(1 such keys)" in problem.message
    others = {part(stored, "score", "effects", block) for block in (0, 1)}
    assert problem.key in others | {commit.parts[0].key}


def test_one_id_in_two_parts_under_different_keys_is_fine(stored, small):
    row = small["effects"][0] | {"estimator": "product_shapley"}
    commit_block(stored, RUN, "score", 2, {"effects": pa.Table.from_pylist([row])}, NO_FACTS)
    assert found(stored) == []


@pytest.mark.parametrize(
    ("stage", "table", "row"),
    [
        ("score", "effects", {"item_id": "ilost", "estimator": "b", "segment": 0, "effect": [1.0]}),
        ("fit", "fits", {"pair_id": "plost", "estimator": "b"}),
        ("match", "pairs", {"pair_id": "pnew", "left_id": "ilost"}),
    ],
)
def test_an_id_that_is_in_no_table_is_found(stored, stage, table, row):
    commit, _ = commit_block(stored, RUN, stage, 2, {table: pa.Table.from_pylist([row])}, NO_FACTS)
    (problem,) = verify_run(stored, RUN)
    assert (problem.kind, problem.key) == (ProblemKind.DANGLING_ID, commit.parts[0].key)
    assert "lost" in problem.message


def test_a_record_of_another_run_and_one_of_another_block_are_found(stored, small, commit_run):
    commit_run(stored, OTHER, small, 2)
    record = commit_key(RUN, "score", 1)
    for source, message in (
        (commit_key(OTHER, "score", 1), f"holds a record of run {OTHER}"),
        (commit_key(RUN, "score", 0), "holds the record of score block 0"),
    ):
        stored.write(record, stored.read_bytes(source))
        (problem,) = [one for one in verify_run(stored, RUN) if one.key == record]
        assert (problem.kind, problem.message) == (ProblemKind.DAMAGED_RECORD, message)
        with pytest.raises(DamageError, match=message):
            read_commit(stored, RUN, "score", 1)


def test_parts_that_two_blocks_have_swapped_are_found(stored):
    first, second = (part(stored, "score", "effects", block) for block in (0, 1))
    data = stored.read_bytes(first)
    stored.write(first, stored.read_bytes(second))
    stored.write(second, data)
    assert {key for _, key in found(stored)} == {first, second}


def test_a_record_that_was_made_from_a_block_that_is_gone_is_stale(stored):
    digest = committed(stored, RUN, "score")[1].digest
    made = replace(NO_FACTS, inputs=(digest,))
    commit_block(stored, RUN, "measure-m0123456789ab", 0, {}, made)
    assert found(stored) == []
    stored.delete(commit_key(RUN, "score", 1))
    assert (ProblemKind.STALE_RECORD, commit_key(RUN, "measure-m0123456789ab", 0)) in found(stored)


def test_repair_drops_a_damaged_block_and_what_was_made_from_it_and_no_more(stored):
    digests = {block: commit.digest for block, commit in committed(stored, RUN, "score").items()}
    for block, digest in digests.items():
        commit_block(
            stored, RUN, f"measure-m{block:012x}", 0, {}, replace(NO_FACTS, inputs=(digest,), files={})
        )
    damaged = part(stored, "score", "effects", 1)
    stored.write(damaged, b"damaged")
    repair = repair_run(stored, RUN, verify_run(stored, RUN))
    assert repair.blocks == (("score", 1), (f"measure-m{1:012x}", 0), ("finish", 0))
    assert not stored.exists(damaged)
    assert not stored.exists(commit_key(RUN, "score", 1))
    assert stored.exists(commit_key(RUN, "score", 0))
    assert found(stored) == []


def test_a_damaged_run_lends_no_rows(stored):
    key = part(stored, "embed", "items", 1)
    run = SimpleNamespace(storage=stored)
    rows = pc.field("modality") == "image"
    assert reuse_rows(run, RUN, "embed", "items", rows).num_rows == 3
    data = bytearray(stored.read_bytes(key))
    data[len(data) // 2] ^= 1
    stored.write(key, bytes(data))
    assert reuse_rows(run, RUN, "embed", "items", rows) is None
