"""Hilbert curve order of the tiles of a grid of pairs: neighbouring blocks read nearly the same items."""

from collections.abc import Collection, Sequence

__all__ = ["along_curve", "blocks_along_curve", "hilbert_place"]


def blocks_along_curve(tiles: Sequence[tuple[int, int]], names: Sequence[str], size: int) -> dict[str, int]:
    """Assign each pair to a block, in the order of the pairs' tiles on the curve.

    Parameters
    ----------
    tiles
        Tile of each pair; pairs of one tile are in the order of their names.
    names
        Of the pairs, each once.
    size
        Pairs of every block but the last.

    Returns
    -------
    dict
        Number of the block by the name of the pair, from 0.
    """
    place_of = along_curve(set(tiles))
    walk = sorted(zip([place_of[tile] for tile in tiles], names, strict=True))
    return {name: place // size for place, (_, name) in enumerate(walk)}


def along_curve(tiles: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Places of distinct tiles (left block, right block) on a Hilbert curve, from 0.

    Where pairs are spread over the whole grid, tasks that go row by row each read all right blocks. Along the
    curve, a task of a k-th of the tiles reads about a share of 1 / sqrt(k) of the blocks of each side.
    """
    if not tiles:
        return {}
    axes = [sorted({tile[side] for tile in tiles}) for side in (0, 1)]
    cells = 2 ** (max(map(len, axes)) - 1).bit_length()
    # The shorter axis is stretched: otherwise most of the square's curve would lie beside the grid.
    across, along = ({block: n * cells // len(axis) for n, block in enumerate(axis)} for axis in axes)
    walk = sorted(tiles, key=lambda tile: (hilbert_place(cells, across[tile[0]], along[tile[1]]), tile))
    return {tile: place for place, tile in enumerate(walk)}


def hilbert_place(cells: int, x: int, y: int) -> int:
    """Place of a cell on the Hilbert curve through a square.

    Parameters
    ----------
    cells
        Side of the square, a power of 2.
    x, y
        Column and row of the cell, 0 to ``cells`` - 1.

    Returns
    -------
    int
        Place from 0 to ``cells ** 2`` - 1.

    References
    ----------
    .. [1] D. Hilbert, "Über die stetige Abbildung einer Linie auf ein Flächenstück", Mathematische Annalen
       38, 1891, pp. 459-460, doi:10.1007/BF01199431.
    """
    place, side = 0, cells // 2
    while side:
        right, upper = int(bool(x & side)), int(bool(y & side))
        place += side * side * ((3 * right) ^ upper)
        if not upper:
            x, y = (cells - 1 - y, cells - 1 - x) if right else (y, x)
        side //= 2
    return place
