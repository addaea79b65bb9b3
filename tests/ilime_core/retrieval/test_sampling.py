from ilime_core.retrieval.sampling import sample_queries

LEFT = tuple(f"i{number}" for number in range(40))
RIGHT = tuple(f"t{number}" for number in range(60))


def test_a_sample_ignores_order_grows_with_its_size_and_moves_with_the_seed():
    drawn = sample_queries(0, LEFT, RIGHT, 10)
    assert len(drawn) == 10
    assert drawn == sample_queries(0, LEFT[::-1], RIGHT[::-1], 10)
    assert drawn < sample_queries(0, LEFT, RIGHT, 11)
    assert drawn != sample_queries(1, LEFT, RIGHT, 10)


def test_one_more_item_displaces_at_most_one():
    before, after = sample_queries(0, LEFT, RIGHT, 50), sample_queries(0, (*LEFT, "i_new"), RIGHT, 50)
    assert len(before - after) <= 1
