import numpy as np

from ilime_core.draws import named_rng, named_uniform


def test_draws_depend_on_seed_purpose_and_names_and_on_nothing_else():
    def draw(*key):
        return named_rng(*key).integers(2**62)

    assert draw(0, "order", "i1") == draw(0, "order", "i1")
    others = {draw(0, "order", "i1"), draw(1, "order", "i1"), draw(0, "sample", "i1"), draw(0, "order", "i2")}
    assert len(others) == 4
    assert draw(0, "order", "ab", "c") != draw(0, "order", "a", "bc")


def test_uniform_numbers_are_uniform():
    numbers = np.asarray([named_uniform(5, "share", f"i{number}") for number in range(4000)])
    counts, _ = np.histogram(numbers, bins=10, range=(0, 1))
    # 400 a bin, standard deviation 19.
    assert np.abs(counts - 400).max() < 80


def test_the_stream_is_the_same_on_every_machine():
    assert named_rng(0, "golden", "i1").integers(1000, size=4).tolist() == [202, 716, 179, 212]
