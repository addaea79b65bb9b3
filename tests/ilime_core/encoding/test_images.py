"""Encoding of masked images: a pixel loop as oracle, batches and errors.

Proves ilime_core.encoding.composites and ilime_core.encoding.encoded.
"""

import numpy as np
import pytest
import torch

from ilime_core.encoding.encoded import MaskedImage
from ilime_core.encoding.images import encode_images, encode_masked_images
from ilime_core.errors import FailureReason, InputError

SIDE = 6


def jobs(counts, seed=0):
    rng = np.random.default_rng(seed)
    made = []
    for key, n_masks in enumerate(counts):
        labels = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) % (4 + key % 3)
        made.append(
            MaskedImage(
                key,
                rng.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8),
                rng.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8),
                labels,
                rng.random((n_masks, 4 + key % 3)) < 0.5,
            )
        )
    return made


def by_hand(job, weights):
    rows = []
    for mask in job.masks:
        picture = job.baseline.copy()
        for y in range(SIDE):
            for x in range(SIDE):
                if mask[job.labels[y, x]]:
                    picture[y, x] = job.pixels[y, x]
        row = (picture.transpose(2, 0, 1).reshape(-1) / 255.0) @ weights.double().numpy()
        rows.append(row / np.linalg.norm(row))
    return np.array(rows)


@pytest.mark.parametrize("batch_size", [1, 4, 7, 64])
def test_masks_are_applied_as_a_pixel_loop_applies_them(towers, batch_size):
    work = jobs([5, 1, 9, 3])
    done = list(encode_masked_images(towers, work, batch_size=batch_size))
    assert [item.key for item in done] == [0, 1, 2, 3]
    for item, job in zip(done, work, strict=True):
        assert item.error is None
        np.testing.assert_allclose(item.embeddings.numpy(), by_hand(job, towers.image.weights), atol=1e-5)


def test_every_batch_has_one_shape_and_real_rows_are_counted(towers):
    counts = []
    list(encode_masked_images(towers, jobs([5, 1, 9, 3]), batch_size=4, on_batch=counts.append))
    assert towers.image.batches == [(4, 3, SIDE, SIDE)] * 5
    assert counts == [4, 4, 4, 4, 2]


def test_items_are_bitwise_the_same_alone_and_among_others(towers):
    work = jobs([16, 16, 5])
    together = list(encode_masked_images(towers, work, batch_size=16))
    for item, job in zip(together, work, strict=True):
        (alone,) = encode_masked_images(towers, [job], batch_size=16)
        assert torch.equal(item.embeddings, alone.embeddings)


def test_an_item_comes_out_before_the_last_item_is_taken(towers):
    taken = []

    def source():
        for job in jobs([4] * 30):
            taken.append(job.key)
            yield job

    results = encode_masked_images(towers, source(), batch_size=4)
    assert next(results).key == 0
    assert len(taken) < 12
    results.close()


def test_values_that_are_not_finite_are_an_error_of_their_item_only(towers):
    work = jobs([3, 3, 3])
    bad = work[1]
    white = bad.pixels.copy()
    white[0, 0] = 255
    masks = np.zeros_like(bad.masks)
    masks[1, 0] = True
    work[1] = MaskedImage(1, white, bad.baseline, bad.labels, masks)
    first, second, third = encode_masked_images(towers, work, batch_size=4)
    assert first.error is None
    assert third.error is None
    assert second.error.reason is FailureReason.NON_FINITE
    assert "1 of 3" in str(second.error)


def test_out_of_memory_halves_the_pieces_once_and_changes_no_row(towers, small_device):
    work = jobs([5, 9, 4])
    whole = list(encode_masked_images(towers, work, batch_size=8))
    counts = []
    pieces = list(encode_masked_images(small_device, work, batch_size=8, on_batch=counts.append))
    for a, b in zip(whole, pieces, strict=True):
        assert torch.allclose(a.embeddings, b.embeddings, atol=1e-6)
    sizes = [shape[0] for shape in small_device.image.batches]
    assert sizes == [8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert counts == [8, 8, 2]


def test_whole_images_equal_their_masks_with_everything_kept(towers):
    work = jobs([1, 1, 1])
    full = [MaskedImage(j.key, j.pixels, j.baseline, j.labels, np.ones_like(j.masks)) for j in work]
    masked = list(encode_masked_images(towers, full, batch_size=2))
    whole = list(encode_images(towers, ((j.key, j.pixels) for j in work), batch_size=2))
    for a, b in zip(masked, whole, strict=True):
        assert b.embeddings.shape == (5,)
        assert torch.equal(a.embeddings[0], b.embeddings)


def test_an_error_of_the_source_is_raised(towers):
    def source():
        yield jobs([2])[0]
        raise OSError("the store is gone")

    with pytest.raises(OSError, match="the store is gone"):
        list(encode_masked_images(towers, source(), batch_size=2))


def test_no_items_give_nothing_and_encode_nothing(towers):
    assert list(encode_masked_images(towers, [], batch_size=4)) == []
    assert towers.image.batches == []


def test_bad_input_is_named(towers):
    (job,) = jobs([2])
    with pytest.raises(InputError, match="every label needs a column"):
        MaskedImage(7, job.pixels, job.baseline, job.labels, job.masks[:, :3])
    with pytest.raises(InputError, match="must have one size"):
        MaskedImage(7, job.pixels, job.baseline[:3], job.labels, job.masks)
    with pytest.raises(InputError, match="batch_size must be positive, got 0"):
        list(encode_masked_images(towers, [job], batch_size=0))
    with pytest.raises(InputError, match="no masks"):
        list(encode_masked_images(towers, jobs([0]), batch_size=2))
    views = [("a", job.pixels), ("b", job.pixels[:3])]
    with pytest.raises(InputError, match="one size is needed"):
        list(encode_images(towers, views, batch_size=2))
