from ilime_core.segmentation.tokens import token_segments


def test_tokens_lose_their_spaces_and_empty_ones_vanish():
    segments = token_segments("a cat .", [(0, 1), (1, 5), (5, 6), (6, 6), (5, 7)])
    assert list(zip(segments.starts, segments.ends, strict=True)) == [(0, 1), (2, 5), (6, 7)]


def test_tokens_that_share_a_code_point_are_one_segment():
    segments = token_segments("x😀y", [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)])
    assert list(zip(segments.starts, segments.ends, strict=True)) == [(0, 1), (1, 2), (2, 3)]


def test_truncated_tokens_are_marked():
    segments = token_segments(
        "un believ able", [(0, 2), (3, 9), (10, 14)], lambda _, spans: [e > 9 for _, e in spans]
    )
    assert segments.truncated == (False, False, True)
