import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.segmentation.run_length import compress_counts, decode_mask, encode_mask, expand_counts


def decode_slowly(rle):
    """The format, character by character: five bits each, low ones first, sign in the last."""
    counts, place = [], 0
    while place < len(rle):
        value, shift, more = 0, 0, True
        while more:
            code = ord(rle[place]) - 48
            value |= (code & 0x1F) << shift
            more, shift, place = bool(code & 0x20), shift + 5, place + 1
            if not more and code & 0x10:
                value -= 1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
    return counts


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([4], "4"),  # a picture of 4 pixels, none in the mask
        ([0, 4], "04"),
        ([15], "?"),
        ([16], "`0"),  # bit 4 alone would read as a sign, so a second character follows
        ([31], "o0"),
        ([32], "P1"),
        ([2, 3, 1, 2], "231O"),  # the fourth is written as 2 - 3 = -1
        ([1000], "Xo0"),
    ],
)
def test_strings_by_hand(counts, text):
    assert compress_counts(np.array(counts)) == text
    assert expand_counts(text).tolist() == counts


def test_both_directions_agree_with_a_slow_decoder():
    rng = np.random.default_rng(0)
    for _ in range(200):
        counts = rng.integers(1, 10 ** rng.integers(1, 8), size=rng.integers(1, 40))
        text = compress_counts(counts)
        assert decode_slowly(text) == counts.tolist() == expand_counts(text).tolist()


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (7, 2), (40, 60)])
@pytest.mark.parametrize("density", [0.0, 0.3, 1.0])
def test_masks_survive_in_column_order(shape, density):
    mask = np.random.default_rng(1).random(shape) < density
    text = encode_mask(mask)
    np.testing.assert_array_equal(decode_mask(text, *shape), mask)
    flat = np.repeat([i % 2 == 1 for i in range(len(decode_slowly(text)))], decode_slowly(text))
    np.testing.assert_array_equal(flat, mask.T.ravel())


@pytest.mark.parametrize("text", ["P", "é", "~~", "\x00", "o" * 14 + "0", "1O"])
def test_what_is_no_mask_is_refused(text):
    with pytest.raises(InputError):
        decode_mask(text, 2, 2)


def test_a_mask_of_another_picture_is_refused():
    with pytest.raises(InputError, match="4 pixels, the picture 3 x 2"):
        decode_mask("4", 3, 2)
