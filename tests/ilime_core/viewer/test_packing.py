"""Packed arrays come back within half a unit, label maps exactly; records name JSON types only.

Proves ilime_core.viewer.records.
"""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ilime_core.viewer.packing import pack_labels, pack_reals, unpack_reals
from ilime_core.viewer.records import FactorRecord


@given(
    arrays.arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e6, 1e6, width=32) | st.just(np.nan))
)
def test_reals_come_back_within_half_a_unit(values):
    packed = pack_reals(values)
    back = unpack_reals(packed)
    assert (np.isnan(back) == np.isnan(values)).all()
    largest = np.abs(values[~np.isnan(values)]).max(initial=0)
    assert np.nanmax(np.abs(back - values), initial=0) <= largest / 65534 * (1 + 1e-6)


def test_zeros_and_the_largest_value_are_exact():
    assert unpack_reals(pack_reals(np.zeros(3))).tolist() == [0, 0, 0]
    assert unpack_reals(pack_reals(np.array([-2.5, 0.0]))).tolist() == [-2.5, 0]


@given(arrays.arrays(np.int64, arrays.array_shapes(min_dims=2, max_dims=2), elements=st.integers(-3, 5)))
def test_label_maps_come_back(labels):
    packed = pack_labels(labels)
    runs = np.frombuffer(base64.b64decode(packed["runs"]), "<u2").reshape(-1, 2)
    back = np.repeat(runs[:, 0].astype(int) - 1, runs[:, 1]).reshape(packed["height"], packed["width"])
    np.testing.assert_array_equal(back, np.maximum(labels, -1))


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="65,534"):
        pack_labels(np.full((1, 1), 65_535))


def test_packed_arrays_are_the_json_of_the_records():
    packed = pack_reals(np.array([0.5, np.nan]))
    factor = FactorRecord(strength=1.0, energy=1.0, gap=1.0, left=packed, right=packed)
    assert json.loads(json.dumps(factor)) == factor
