import pytest
import torch

from ilime_core.encoding.encoded import MaskedTexts
from ilime_core.encoding.texts import encode_masked_texts, encode_texts
from ilime_core.errors import InputError

JOBS = [
    MaskedTexts("a", ("a cat on a mat", "", "cat mat")),
    MaskedTexts("b", ("one word or nine of them is far too long to be read",)),
    MaskedTexts("c", ("dog", "a dog")),
]


def alone(towers, text):
    rows = towers.text.tokenise([text])
    return towers.text.encode(rows, 8)[0]


@pytest.mark.parametrize("batch_size", [1, 2, 4, 50])
def test_every_text_gets_its_own_embedding_in_order(towers, batch_size):
    done = list(encode_masked_texts(towers, JOBS, batch_size=batch_size))
    assert [item.key for item in done] == ["a", "b", "c"]
    for item, job in zip(done, JOBS, strict=True):
        assert torch.equal(item.embeddings, torch.stack([alone(towers, text) for text in job.texts]))


def test_texts_are_sorted_by_length_into_batches_of_one_row_count(towers):
    counts = []
    list(encode_masked_texts(towers, JOBS, batch_size=4, on_batch=counts.append))
    # Lengths with both special tokens: "" 2, "dog" 3, "cat mat" 4, "a dog" 4 | "a cat on a mat" 7, cut 8.
    assert towers.text.batches == [(4, 4), (4, 8)]
    assert counts == [4, 2]


def test_out_of_memory_halves_the_pieces_and_changes_no_row(towers, small_device):
    whole = list(encode_masked_texts(towers, JOBS, batch_size=4))
    pieces = list(encode_masked_texts(small_device, JOBS, batch_size=4))
    for a, b in zip(whole, pieces, strict=True):
        assert torch.equal(a.embeddings, b.embeddings)
    assert [rows for rows, _ in small_device.text.batches] == [4, 2, 2, 2, 2]


def test_whole_texts_give_single_vectors(towers):
    done = list(encode_texts(towers, [(3, "a dog"), (4, "dog")], batch_size=2))
    assert [item.key for item in done] == [3, 4]
    assert torch.equal(done[0].embeddings, alone(towers, "a dog"))


def test_bad_input_is_named(towers):
    with pytest.raises(InputError, match="item z has no texts"):
        list(encode_masked_texts(towers, [MaskedTexts("z", ())], batch_size=2))
    with pytest.raises(InputError, match="batch_size must be positive, got -1"):
        list(encode_masked_texts(towers, JOBS, batch_size=-1))
    assert list(encode_masked_texts(towers, [], batch_size=2)) == []
