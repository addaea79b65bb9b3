"""Seals: a plan file is what was written, as that file of that run, or damaged.

Proves tasks.run_files.seals and tasks.run_files.damage.
"""

import pytest

from tasks.run_files.damage import DamageError
from tasks.run_files.seals import sealed_json, unsealed

RUN, OTHER = "r0123456789abcdef", "rfedcba9876543210"
CONTENT = {"run_id": RUN, "label": "ü", "share": 0.1, "blocks": [{"block": 0, "source_run": None}]}
PLACE = ("root", "_runs/r0123456789abcdef/plan/plan.json")


def opened(data, run_id=RUN, name="plan.json"):
    return unsealed(data, run_id, name, PLACE)


def test_a_sealed_file_gives_what_was_sealed():
    assert opened(sealed_json(CONTENT, RUN, "plan.json")) == CONTENT


def test_any_changed_byte_breaks_the_seal():
    data = sealed_json(CONTENT, RUN, "plan.json")
    for place in range(len(data)):
        for bit in (1, 4, 32):
            changed = bytearray(data)
            changed[place] ^= bit
            with pytest.raises(DamageError, match=r"plan\.json is damaged"):
                opened(bytes(changed))


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_a_cut_file_is_damaged(cut):
    with pytest.raises(DamageError):
        opened(sealed_json(CONTENT, RUN, "plan.json")[:cut])


def test_a_file_of_another_run_or_name_is_damaged():
    data = sealed_json(CONTENT, RUN, "plan.json")
    with pytest.raises(DamageError, match=f"of run {OTHER}"):
        opened(data, OTHER)
    with pytest.raises(DamageError, match=r"as blocks\.json"):
        opened(data, RUN, "blocks.json")


def test_files_of_before_have_no_seal():
    assert opened(b'{"run_id": "r0", "label": ""}') == {"run_id": "r0", "label": ""}
