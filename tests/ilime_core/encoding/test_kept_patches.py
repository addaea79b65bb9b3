"""Masked pictures without patches: which patch belongs to which segment, and that batches change nothing."""

import numpy as np
import planted_plugin
import pytest
import torch
from every import every
from gated_items import image_tower

from ilime_core.encoding import kept_patches
from ilime_core.encoding.encoded import MaskedImage
from ilime_core.encoding.images import encode_masked_images
from ilime_core.encoding.kept_patches import encode_kept_patches, patch_segments
from ilime_core.errors import InputError


def test_a_patch_belongs_to_the_segment_that_covers_most_of_it():
    labels = np.zeros((5, 7), dtype=int)  # two rows and three columns of patches of 2, and a rest
    labels[:2, 2:4] = 1
    labels[2:4, :2] = [[2, 2], [2, 0]]  # three of four pixels
    labels[2:4, 2:4] = [[3, 3], [1, 1]]  # a tie
    labels[4:, :] = 4  # no patch reads them
    labels[3, 5] = 5  # one pixel of a patch
    assert patch_segments(labels, (2, 3), 2).tolist() == [0, 1, 0, 2, 1, 0]


def test_a_view_that_is_too_small_is_refused():
    with pytest.raises(InputError, match=r"2 x 3 patches of 4 pixels need a larger view than \(8, 11\)"):
        patch_segments(np.zeros((8, 11), dtype=int), (2, 3), 4)


@pytest.fixture(scope="module")
def encoder():
    return image_tower(patch_size=16, width=64, layers=2, head_width=32)[0]


def jobs(n_items=3, n_masks=11, seed=3):
    rng = np.random.default_rng(seed)
    labels = np.arange(64)[:, None] // 32 * 2 + np.arange(64)[None] // 32
    for key in range(n_items):
        pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        masks = rng.random((n_masks + key, 4)) < 0.5
        yield MaskedImage(key, pixels, None, labels, np.concatenate([masks, [[False] * 4], [[True] * 4]]))


def one_by_one(encoder, job):
    """Embeddings of each row by itself; segments of the jobs are quarters of the view."""
    pixels = torch.tensor(job.pixels).permute(2, 0, 1)[None].float() / 255
    quarter = torch.arange(16) // 8 * 2 + torch.arange(16) % 4 // 2
    rows = []
    for mask in torch.from_numpy(job.masks):
        patches = torch.nonzero(mask[quarter])[:, 0][None]
        rows.append(encoder.image.encode_kept(pixels, torch.tensor([0]), patches)[0])
    return torch.stack(rows)


@pytest.mark.parametrize("window", [1, 64])
@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_rows_are_those_of_each_mask_by_itself_in_any_batch(encoder, monkeypatch, batch_size, window):
    monkeypatch.setattr(kept_patches, "WINDOW", window)
    counted = []
    found = list(encode_masked_images(encoder, jobs(), batch_size=batch_size, on_batch=counted.append))
    assert [one.key for one in found] == [0, 1, 2]
    assert sum(counted) == sum(len(job.masks) for job in jobs())
    assert max(counted) <= batch_size
    for one, job in zip(found, jobs(), strict=True):
        assert one.error is None
        torch.testing.assert_close(one.embeddings, one_by_one(encoder, job), atol=3e-6, rtol=0)
        whole = encoder.image.encode(torch.tensor(job.pixels).permute(2, 0, 1)[None].float() / 255)
        torch.testing.assert_close(one.embeddings[-1], whole[0], atol=3e-6, rtol=0)


def test_the_same_jobs_give_the_same_bits(encoder):
    runs = [[one.embeddings for one in encode_masked_images(encoder, jobs(), batch_size=8)] for _ in range(2)]
    assert every(torch.equal(*pair) for pair in zip(*runs, strict=True))


def test_batches_hold_rows_of_one_length(encoder, monkeypatch):
    lengths, encode = [], encoder.image.encode_kept

    def watched(pixels, images, patches):
        lengths.append(patches.shape[1])
        return encode(pixels, images, patches)

    monkeypatch.setattr(encoder.image, "encode_kept", watched)
    list(encode_masked_images(encoder, jobs(), batch_size=64))
    assert lengths == [0, 4, 8, 12, 16]  # one batch a length, across the items


def test_a_value_that_is_not_finite_is_the_error_of_its_item(encoder, monkeypatch):
    encode = encoder.image.encode_kept

    def broken(pixels, images, patches):
        rows = encode(pixels, images, patches)
        return rows * float("nan") if patches.shape[1] == 16 and len(pixels) == 1 else rows

    monkeypatch.setattr(encoder.image, "encode_kept", broken)
    found = list(encode_masked_images(encoder, list(jobs(1)), batch_size=64))
    assert "not finite" in str(found[0].error)


def test_towers_that_cannot_leave_patches_out_are_named(encoder):
    plain = planted_plugin.make("cpu", "float32")
    with pytest.raises(InputError, match="ImageTower has no methods patch_grid and encode_kept"):
        list(encode_kept_patches(plain, jobs(), batch_size=4))


def test_one_size_and_some_masks_are_needed(encoder):
    first = next(jobs())
    small = MaskedImage(1, first.pixels[:, :63], None, first.labels[:, :63], first.masks)
    with pytest.raises(InputError, match="need a larger view"):
        list(encode_masked_images(encoder, [first, small], batch_size=4))
    none = MaskedImage(1, first.pixels, None, first.labels, first.masks[:0])
    with pytest.raises(InputError, match="item 1 has no masks"):
        list(encode_masked_images(encoder, [none], batch_size=4))


def test_a_picture_where_there_is_none_is_an_error_in_one_line():
    with pytest.raises(InputError, match="drop_tokens has none: take another image_baseline"):
        next(jobs()).painted()
