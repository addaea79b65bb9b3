"""What a block of pairs reads: each part of its items once, and none of its neighbours' pairs.

Proves tasks.stages.fit.fit, tasks.stages.fit.inputs, tasks.stages.fit.sides.
"""

import dataclasses
from hashlib import sha256

import pytest
from probes import counted_storage

from tasks.run_files.match_plan import match_plan
from tasks.run_files.part_cache import PartCache
from tasks.run_files.parts import part_bytes
from tasks.run_files.plan import open_run_plan
from tasks.stages.fit import fit
from tasks.stages.fit import inputs as fit_inputs
from tasks.stages.fit.fit import pair_rows
from tasks.tables import TABLES

READ = {"effects", "item_fits", "embeddings"}


@pytest.fixture
def run(reference):
    """A finished run whose plan is checked and whose records are in memory."""
    run = open_run_plan(reference.root, reference.run_id)
    run.commits("score", [block.block for block in match_plan(run).item_blocks])
    run.commits("match", [0])
    fit._fit(run, 0)  # tables of a plan are held against their digests once in a process: not by a test
    return run


@pytest.fixture(params=[0, 2**24], ids=["nothing kept", "all kept"])
def kept(request, monkeypatch):
    monkeypatch.setattr(fit_inputs, "SCORED_PARTS", PartCache(request.param))
    return request.param


def inputs_of(run, block):
    commits = run.commits("score", match_plan(run).pair_blocks[block].reads)
    return [part for commit in commits for part in commit.parts if part.table in READ]


def test_a_block_opens_every_part_once_for_both_estimators_and_sides(run, kept):
    assert len(run.plan.parameters.estimators) == 2
    with counted_storage() as counts:
        fit._fit(run, 0)
    requests = counts.requests["driver"]
    pairs_and_margins = 2
    assert requests["open"] + requests["get"] == len(inputs_of(run, 0)) + pairs_and_margins


def test_all_blocks_together_read_the_inputs_once_where_they_are_kept(run, kept):
    blocks = [block.block for block in match_plan(run).pair_blocks]
    distinct = {part.key: part.bytes for block in blocks for part in inputs_of(run, block)}
    with counted_storage() as counts:
        for block in blocks:
            fit._fit(run, block)
    n_read = counts.requests["driver"]["get"]
    n_opened = counts.requests["driver"]["open"] - 2 * len(blocks)
    if kept:
        assert (n_read, n_opened) == (len(distinct), 0)
    else:
        assert (n_read, n_opened) == (0, sum(len(inputs_of(run, block)) for block in blocks))
        assert n_opened > len(distinct)


def test_what_was_read_makes_the_parts_that_are_stored(run, kept):
    for commit in run.commits("fit", [block.block for block in match_plan(run).pair_blocks]):
        tables = fit._fit(run, commit.block).tables
        made = {name: sha256(part_bytes(table, TABLES[name])).hexdigest() for name, table in tables.items()}
        assert made == {part.table: part.sha256 for part in commit.parts}


def test_pairs_of_a_block_are_found_without_opening_those_of_others(run):
    every = [pair_rows(run, block.block) for block in match_plan(run).pair_blocks]
    assert [table.num_rows for table in every] == [block.n_pairs for block in match_plan(run).pair_blocks]
    assert len(every) > 1
    with counted_storage() as counts:
        pair_rows(run, 1)
    assert counts.requests["driver"]["open"] == 1


def test_pairs_that_lie_in_one_part_are_still_told_apart(run, monkeypatch):
    commit = run.commits("match", [0])[0]
    alone = dataclasses.replace(
        commit, parts=tuple(part for part in commit.parts if part.table == "pairs")[:1]
    )
    monkeypatch.setattr(run, "commits", lambda stage, blocks: [alone])
    assert pair_rows(run, 0).num_rows == match_plan(run).pair_blocks[0].n_pairs
    assert pair_rows(run, 1).num_rows == 0
