"""Ids follow from contents, paths from ids."""

import hashlib

import pytest

from ilime_core.errors import InputError
from ilime_core.records import Modality
from tasks.run_files import naming

RUN = "r0123456789abcdef"


def test_an_item_is_its_content_and_its_modality():
    expected = "i" + hashlib.sha256(b"text\0a cat").hexdigest()
    assert naming.item_id_of(Modality.TEXT, b"a cat") == expected
    assert naming.item_id_of(Modality.IMAGE, b"a cat") != expected
    assert naming.item_id_of(Modality.TEXT, b"a cat.") != expected


def test_a_pair_is_ordered():
    assert naming.pair_id_of("ia", "ib") == "p" + hashlib.sha256(b"ia\0ib").hexdigest()
    assert naming.pair_id_of("ib", "ia") != naming.pair_id_of("ia", "ib")


def test_a_run_is_its_components_in_any_order():
    run = naming.run_id_of({"a": "1", "b": "2"})
    assert run == "r" + hashlib.sha256(b'{"a":"1","b":"2"}').hexdigest()[:16]
    assert naming.run_id_of({"b": "2", "a": "1"}) == run
    assert naming.run_id_of({"a": "1", "b": "3"}) != run


def test_paths_are_those_of_the_contract():
    key = naming.part_key("effects", RUN, "score", 7, "ab" * 32)
    assert key == f"effects/run_id={RUN}/part-score-00007-abababababab.parquet"
    assert naming.parse_part(key) == naming.PartName("score", 7, "abababababab")
    assert naming.commit_key(RUN, "score", 7) == f"_runs/{RUN}/commits/score/00007.json"
    assert naming.block_of_commit(naming.commit_key(RUN, "score", 123456)) == 123456
    assert naming.plan_key(RUN) == f"_runs/{RUN}/plan/plan.json"


def test_each_measurement_commits_by_itself():
    measure = naming.measure_id_of({"sample": "200"})
    stage = f"measure-{measure}"
    assert naming.check_stage(stage) == "measure"
    assert naming.commit_key(RUN, stage, 0) == f"_runs/{RUN}/commits/{stage}/00000.json"
    key = naming.part_key("curves", RUN, stage, 0, "0" * 64)
    assert naming.parse_part(key) == naming.PartName(stage, 0, "0" * 12)


@pytest.mark.parametrize(
    "name", ["part-score-1-abababababab.parquet", ".x.partial", "part-score-00001-ab.parquet"]
)
def test_other_files_are_no_parts(name):
    assert naming.parse_part(f"effects/run_id={RUN}/{name}") is None


def test_fits_of_single_pairs_commit_by_themselves():
    assert naming.check_stage("fit-opaque") == "fit"
    key = naming.part_key("fits", RUN, "fit-opaque", 3, "0" * 64)
    assert naming.parse_part(key) == naming.PartName("fit-opaque", 3, "0" * 12)


@pytest.mark.parametrize(
    "stage", ["scores", "score-m0123456789ab", "fit-m0123456789ab", "measure-opaque", "../score", ""]
)
def test_an_unknown_stage_is_refused(stage):
    with pytest.raises(InputError, match="no stage"):
        naming.check_stage(stage)


@pytest.mark.parametrize("run", ["r0123", "x0123456789abcdef", "r0123456789abcdef/..", "latest"])
def test_a_run_id_cannot_be_a_path(run):
    with pytest.raises(InputError, match="no run id"):
        naming.plan_key(run)
