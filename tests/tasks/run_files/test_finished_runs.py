"""Runs of an output: which have a plan, which are finished, and the plans of these.

Proves tasks.run_files.finished_runs and tasks.run_files.plan.
"""

import pytest

from ilime_core.errors import InputError
from tasks.run_files.damage import DamageError
from tasks.run_files.finished_runs import finished_plans, planned_runs
from tasks.run_files.naming import commit_key, plan_key, run_id_of
from tasks.run_files.plan import (
    EmbedBlock,
    OpenRun,
    ResolvedModel,
    RunPlan,
    effects_digest,
    embed_digest,
)
from tasks.run_files.plan_files import PLAN, create_plan_file
from tasks.run_files.seals import sealed_json
from tasks.spec import ExplainParameters

COMPONENTS = dict.fromkeys(
    ("model", "precision", "numerics_embed", "numerics_segment", "numerics_score"), "1"
) | dict.fromkeys(("segmentation", "perturbation", "estimators", "seed", "corpus"), "2")


@pytest.fixture
def plan():
    spec = {"corpus": {"annotations": "a.json", "images": "images"}, "model": {"name": "scenes"}}
    return RunPlan(
        run_id=run_id_of(COMPONENTS),
        label="nightly",
        created="2026-01-01T00:00:00+00:00",
        parameters=ExplainParameters.model_validate(spec | {"output": "out"}),
        model=ResolvedModel(device="cpu", precision="float32", fingerprint="f"),
        dataset_colour=None,
        components=COMPONENTS,
        n_images=2,
        n_texts=3,
        manifest="manifest-0123456789ab.parquet",
        relevance="relevance-0123456789ab.parquet",
        embed_blocks=(EmbedBlock(block=0, modality="image", n_entries=2, source_run=None),),
        n_rejected=1,
    )


def test_a_run_is_planned_by_its_plan_and_finished_by_its_last_record(store, plan):
    assert planned_runs(store) == {}
    create_plan_file(store, plan.run_id, PLAN, plan)
    store.create(commit_key("rfedcba9876543210", "finish", 0), b"a record without a plan")
    assert planned_runs(store) == {plan.run_id: False}
    assert list(finished_plans(store)) == []
    store.create(commit_key(plan.run_id, "finish", 0), b"a record")
    assert planned_runs(store) == {plan.run_id: True}
    assert list(finished_plans(store)) == [plan]


def test_a_finished_run_with_a_damaged_plan_gives_none(store, plan):
    create_plan_file(store, plan.run_id, PLAN, plan)
    store.create(commit_key(plan.run_id, "finish", 0), b"a record")
    data = store.read_bytes(plan_key(plan.run_id))
    store.write(plan_key(plan.run_id), data.replace(b"nightly", b"monthly"))
    assert list(finished_plans(store)) == []


def test_an_opened_run_is_its_stored_plan(store, plan):
    with pytest.raises(InputError, match=f"no run {plan.run_id} here"):
        OpenRun(store.url, plan.run_id)
    create_plan_file(store, plan.run_id, PLAN, plan)
    run = OpenRun(store.url, plan.run_id)
    assert run.plan == plan
    assert run.plan.n_entries == 6
    assert run.regions == {}


def test_a_plan_with_the_section_storage_of_an_older_version_is_read(store, plan):
    content = plan.model_dump(mode="json")
    content["parameters"]["storage"] = {"endpoint_url": "", "profile": "", "anonymous": False, "buckets": {}}
    store.create(plan_key(plan.run_id), sealed_json(content, plan.run_id, PLAN))
    assert OpenRun(store.url, plan.run_id).plan == plan


def test_a_plan_whose_components_make_another_id_is_damaged(store, plan):
    other = plan.model_copy(update={"components": COMPONENTS | {"seed": "3"}})
    create_plan_file(store, plan.run_id, PLAN, other)
    with pytest.raises(DamageError, match="its components make r"):
        OpenRun(store.url, plan.run_id)


@pytest.mark.parametrize(
    ("component", "moves"),
    [
        ("model", (True, True)),
        ("seed", (False, True)),
        ("numerics_score", (False, True)),
        ("corpus", (False, False)),
    ],
)
def test_reuse_depends_on_what_the_rows_depend_on(component, moves):
    changed = COMPONENTS | {component: "other"}
    assert tuple(digest(changed) != digest(COMPONENTS) for digest in (embed_digest, effects_digest)) == moves
