import pytest

from ilime_core.perturbation.text_gaps import PieceKind, join_gap, split_gap


def kinds(gap, left=0, right=1):
    return [piece.kind for piece in split_gap(gap, left, right)]


def test_stretches_are_named_by_what_they_are_to_the_words():
    space, opening, closing = PieceKind.SPACE, PieceKind.OPENING, PieceKind.CLOSING
    assert kinds(") [") == [closing, space, opening]
    assert kinds("; ") == [PieceKind.CLAUSE_MARK, space]
    assert kinds("?! ") == [PieceKind.SENTENCE_MARK, space]
    assert kinds("…") == kinds("。") == kinds("؟") == [PieceKind.SENTENCE_MARK]
    assert kinds("،") == kinds("、") == [PieceKind.CLAUSE_MARK]
    assert kinds(' "') == [space, opening]
    assert kinds('" ') == [closing, space]
    assert kinds('"', None, 0) == [opening]
    assert kinds('"', 5, None) == [closing]


@pytest.mark.parametrize(
    ("gap", "left", "right", "needs"),
    [
        ("-", 3, 4, (3, 4)),
        (" #", 3, 4, (4,)),
        ("% ", 3, 4, (3,)),
        (" & ", 3, 4, (3, 4)),
        ("#", None, 0, (0,)),
        ("%", 6, None, (6,)),
        (" _…", 3, 4, (3, 4)),
    ],
)
def test_connectors_belong_to_the_words_that_they_touch(gap, left, right, needs):
    (piece,) = [piece for piece in split_gap(gap, left, right) if piece.kind is PieceKind.CONNECTOR]
    assert piece.needs == needs


@pytest.mark.parametrize(
    ("gaps", "joined"),
    [
        ([" ", " "], " "),
        ([", ", " "], ", "),
        ([" ", "; "], "; "),
        ([", ", "! "], "! "),
        (["! ", ", "], "! "),
        ([" (", ") "], " "),
        ([" (", "), "], ", "),
        ([" (", ": "], ": ("),
        (["-", "-"], ""),
    ],
)
def test_gaps_on_both_sides_of_a_cut_word_become_one(gaps, joined):
    pieces = split_gap(gaps[0], 0, 1) + split_gap(gaps[1], 1, 2)
    assert join_gap(pieces, 0, 2).replace(" (: ", ": (") == joined


def test_the_ends_of_the_text_keep_no_loose_signs():
    assert join_gap(split_gap(", ", 0, 1), None, 1) == ""
    assert join_gap(split_gap(" (", 0, 1), None, 1) == "("
    assert join_gap(split_gap(" (", 0, 1), 0, None) == ""
    assert join_gap(split_gap(". ", 0, 1), 0, None) == "."
