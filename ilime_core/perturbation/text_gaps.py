"""Text between two kept words after the words between them are removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

import regex

__all__ = ["Piece", "PieceKind", "join_gap", "split_gap"]


class PieceKind(Enum):
    """Kind of a stretch of text between words."""

    SPACE = auto()
    OPENING = auto()
    CLOSING = auto()
    CLAUSE_MARK = auto()
    SENTENCE_MARK = auto()
    CONNECTOR = auto()
    """Any other sign (hyphen, slash, hash, percent): it belongs to the words that it touches."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Stretch of a gap; it is kept only beside the words in ``needs``."""

    kind: PieceKind
    text: str
    needs: tuple[int, ...] = ()


_MARKS = (PieceKind.CLAUSE_MARK, PieceKind.SENTENCE_MARK)

# Single quotes are apostrophes more often than brackets, so they stay with the word that they touch.
_STRETCH = regex.compile(
    r"(?P<SPACE>\s+)"
    r"|(?P<OPENING>[\p{Ps}\p{Pi}--[‘]])"
    r"|(?P<CLOSING>[\p{Pe}\p{Pf}--[’]])"
    r"|(?P<SENTENCE_MARK>[\p{Sentence_Terminal}…]+)"
    r"|(?P<CLAUSE_MARK>[\p{Terminal_Punctuation}--\p{Sentence_Terminal}]+)"
    r'|(?P<QUOTE>")'
    r"|(?P<CONNECTOR>.)",
    flags=regex.V1 | regex.DOTALL,
)


def split_gap(gap: str, left: int | None, right: int | None) -> list[Piece]:
    """Split the text between two words into stretches of one kind each.

    Parameters
    ----------
    gap
        The text between them.
    left, right
        The words' numbers; None at the ends of the text.

    Returns
    -------
    list of Piece
        The stretches in order; together they are the gap.
    """
    pieces: list[Piece] = []
    for match in _STRETCH.finditer(gap):
        text, name = match.group(), str(match.lastgroup)
        if name == "QUOTE":
            after_space = match.start() > 0 and gap[match.start() - 1].isspace()
            opens = match.end() == len(gap) and right is not None and (after_space or left is None)
            name = "OPENING" if opens else "CLOSING"
        pieces.append(Piece(PieceKind[name], text))
    return [
        replace(piece, needs=_touched(pieces, place, left, right))
        if piece.kind is PieceKind.CONNECTOR
        else piece
        for place, piece in enumerate(pieces)
    ]


def _touched(pieces: list[Piece], place: int, left: int | None, right: int | None) -> tuple[int, ...]:
    at_left = left is not None and all(piece.kind is PieceKind.CONNECTOR for piece in pieces[:place])
    at_right = right is not None and all(piece.kind is PieceKind.CONNECTOR for piece in pieces[place:])
    both = at_left == at_right
    owners = [left if at_left or both else None, right if at_right or both else None]
    return tuple(word for word in owners if word is not None)


def join_gap(pieces: Sequence[Piece], left: int | None, right: int | None) -> str:
    """Join the pieces between two kept words whose neighbours were removed.

    Emptied brackets are removed, of several marks the strongest is kept once, connectors whose words are gone
    are removed, and spaces collapse to one. At the beginning of a text only an opening is kept, at its end
    neither an opening nor a space.

    Parameters
    ----------
    pieces
        All stretches between the two words, in order.
    left, right
        The kept words' numbers; None at the ends of the text.

    Returns
    -------
    str
        Text to write between the two words.
    """
    kept: list[Piece] = []
    for piece in pieces:
        if piece.kind is PieceKind.CLOSING:
            _close(kept, piece)
        elif piece.kind in _MARKS:
            _mark(kept, piece)
        elif all(word in (left, right) for word in piece.needs):
            kept.append(piece)
    return _written(kept, at_start=left is None, at_end=right is None)


def _close(kept: list[Piece], closing: Piece) -> None:
    for place in reversed(range(len(kept))):
        if kept[place].kind is PieceKind.OPENING:
            del kept[place]
            return
        if kept[place].kind not in (PieceKind.SPACE, *_MARKS):
            break
    kept.append(closing)


def _mark(kept: list[Piece], mark: Piece) -> None:
    for place, piece in enumerate(kept):
        if piece.kind in _MARKS:
            if mark.kind is PieceKind.SENTENCE_MARK and piece.kind is PieceKind.CLAUSE_MARK:
                kept[place] = mark
            return
    kept.append(mark)


def _written(kept: list[Piece], *, at_start: bool, at_end: bool) -> str:
    written = ""
    after_opening = at_start
    for piece in kept:
        if piece.kind is PieceKind.SPACE:
            if not after_opening and not written.endswith(" "):
                written += " "
            continue
        if piece.kind in (PieceKind.CLOSING, *_MARKS):
            if at_start and not written:
                continue
            written = written.removesuffix(" ")
        if piece.kind is PieceKind.OPENING and at_end:
            continue
        written += piece.text
        after_opening = piece.kind is PieceKind.OPENING
    return written.rstrip() if at_end else written
