"""Plan files: created once, and tables that must fit the digests in their names."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import BaseModel

from ilime_core.errors import InputError
from tasks.run_files.damage import DamageError, MissingPartError
from tasks.run_files.match_plan import write_named_table
from tasks.run_files.naming import plan_key
from tasks.run_files.plan_files import (
    create_plan_file,
    forget_checks,
    named_tables,
    plan_names,
    read_named_table,
    read_plan_content,
    read_plan_file,
    table_problem,
)

RUN = "r0123456789abcdef"


class Small(BaseModel):
    """A plan of one number."""

    number: int


class Other(BaseModel):
    """A plan of a later version."""

    further: int


def test_the_first_plan_file_holds(store):
    assert create_plan_file(store, RUN, "small.json", Small(number=1))
    assert not create_plan_file(store, RUN, "small.json", Small(number=2))
    assert read_plan_file(store, RUN, "small.json", Small)[0] == Small(number=1)
    assert read_plan_content(store, RUN, "small.json") == {"number": 1}


def test_a_plan_file_of_another_version_is_bad_input(store):
    create_plan_file(store, RUN, "small.json", Small(number=1))
    with pytest.raises(InputError, match="no plan of this version"):
        read_plan_file(store, RUN, "small.json", Other)


def test_a_named_table_is_read_by_rows_and_checked(store):
    name = write_named_table(store, RUN, "rows", pa.table({"n": list(range(6))}), 2)
    assert named_tables({"table": name, "label": "rows", "n": 1}) == [name]
    assert read_named_table(store, RUN, name, pc.field("n") > 3)["n"].to_pylist() == [4, 5]
    data = store.read_bytes(plan_key(RUN, name))
    assert table_problem(name, data) is None
    assert "its name says another" in table_problem(name, data[:-1])
    store.write(plan_key(RUN, name), data[:-1])
    forget_checks()
    with pytest.raises(DamageError, match="its name says another"):
        read_named_table(store, RUN, name)
    store.delete(plan_key(RUN, name))
    with pytest.raises(MissingPartError, match="does not exist"):
        read_named_table(store, RUN, name)


@pytest.mark.parametrize(
    ("stage", "names"),
    [
        ("embed", ["plan.json"]),
        ("fit", ["plan.json", "blocks.json"]),
        ("fit-opaque", ["plan.json", "blocks.json"]),
        ("measure-m0123456789ab", ["plan.json", "blocks.json", "m0123456789ab.json"]),
        ("select-m0123456789ab", ["plan.json", "blocks.json", "selection-m0123456789ab.json"]),
    ],
)
def test_a_stage_depends_on_these_plan_files(stage, names):
    assert list(plan_names(stage)) == names
