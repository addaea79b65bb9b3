"""Commit records: canonical, sealed, read as they were ever written, and refused where damaged."""

import json
from dataclasses import replace

import pytest
from committed_blocks import FAILURE, RUN, facts, pairs

from tasks.run_files.commit_records import commit_bytes, content_digest, parse_commit, sealed
from tasks.run_files.commits import commit_block
from tasks.run_files.committed import read_commit
from tasks.run_files.damage import DamageError
from tasks.run_files.garbage_collection import collect_garbage
from tasks.run_files.naming import commit_key
from tasks.storage.storage import StorageError
from tasks.tables.counts import Counts


def test_records_are_canonical_json(storage):
    commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    text = storage.read_bytes(commit_key(RUN, "match", 0)).decode()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) + "\n"


def test_scores_are_recorded_where_there_are_any_and_records_of_before_have_none(storage):
    commit, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts(scores=7))
    assert read_commit(storage, RUN, "match", 0) == commit
    assert commit.facts.counts.scores == 7
    commit_block(storage, RUN, "match", 1, {"pairs": pairs("pb")}, facts())
    record = json.loads(storage.read_bytes(commit_key(RUN, "match", 1)))
    assert "scores" not in record["facts"]
    assert read_commit(storage, RUN, "match", 1).facts.counts.scores == 0


OLD = (
    '{"block":0,"digest":"2031bdedf36717060ac28c72315b8326d2cef75717a42edd173b15c749d6c807","facts":'
    '{"encoder_seconds":0.5,"failures":[{"entry":3,"item_id":"ia","message":"no word","reason":"empty",'
    '"stage":"score","uri":"a.json"}],"image_encodes":120,"image_encodes_reused":3,"inputs":["ab"],"scores":7,'
    '"seconds":1.25,"text_encodes":60,"text_encodes_reused":4},"parts":[{"bytes":9,'
    '"key":"effects/run_id=r0123456789abcdef/score-00000-0a.parquet","rows":2,"sha256":"0a",'
    '"table":"effects"}],"run_id":"r0123456789abcdef",'
    '"seal":"398e78a16f84531a168c26e9bafad474ff11eb555cafd08bf5b1a8ceec95849c","stage":"score",'
    '"versions":{"pyarrow":"1"},"worker":"host:1"}\n'
)
"""Written before counts had a record of their own."""


def test_records_hold_counts_as_they_always_did():
    commit = parse_commit(OLD.encode(), commit_key(RUN, "score", 0))
    assert commit.facts.counts == Counts(120, 60, 7, 3, 4, 1, 1.25, 0.5)
    assert commit_bytes(commit) == OLD.encode()
    for harm in (OLD.replace('"text_encodes":60,', ""), OLD.replace("60", '"many"'), OLD[:-9], "[]"):
        with pytest.raises(DamageError):
            parse_commit(harm.encode(), commit_key(RUN, "score", 0))


def test_the_digest_is_of_content_and_not_of_cost(storage):
    def digest(block, rows, **changes):
        return commit_block(storage, RUN, "match", block, {"pairs": rows}, facts(**changes))[0].digest

    first = digest(0, pairs("pa"))
    storage.delete(commit_key(RUN, "match", 0))
    assert digest(0, pairs("pa"), seconds=99.0, image_encodes=7) == first
    storage.delete(commit_key(RUN, "match", 0))
    assert digest(0, pairs("pa"), failures=(FAILURE,)) != first
    assert digest(1, pairs("pa")) != first


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-40],
        lambda data: data.replace(b'"rows":1', b'"rows":"one"'),
        lambda data: data.replace(b'"stage":"match"', b'"stage":"embed"'),
        lambda data: data.replace(b'"worker"', b'"laborer"'),
    ],
)
def test_a_damaged_record_is_an_error_and_never_absent(storage, damage):
    commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    key = commit_key(RUN, "match", 0)
    storage.write(key, damage(storage.read_bytes(key)))
    with pytest.raises(StorageError, match=f"{key} is damaged"):
        read_commit(storage, RUN, "match", 0)
    with pytest.raises(StorageError, match="damaged"):
        collect_garbage(storage, RUN)


def test_a_record_that_names_a_part_of_another_run_is_damaged_however_well_it_is_sealed(storage):
    ours, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    theirs, _ = commit_block(storage, "r00000000000000ff", "match", 0, {"pairs": pairs("pb")}, facts())
    digest = content_digest("match", 0, theirs.parts, ())
    mixed = sealed(replace(ours, parts=theirs.parts, digest=digest))
    key = commit_key(RUN, "match", 0)
    storage.write(key, commit_bytes(mixed))
    with pytest.raises(StorageError, match=f"names {theirs.parts[0].key}, a part of another run"):
        read_commit(storage, RUN, "match", 0)
