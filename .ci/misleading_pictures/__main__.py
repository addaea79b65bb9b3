"""Pictures of when each method misleads, computed anew; names choose some of them.

python .ci/misleading_pictures [name ...]

Each function draws one picture of docs/images and prints the numbers that its caption in docs names. Runs
that it needs are made in a folder that is removed.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from models import emptied, word_order
from single_pairs import noise, redundancy, saturation
from whole_runs import insertion, paired, search

IMAGES = Path(__file__).parents[2] / "docs" / "images"

PICTURES: dict[str, Callable[[], Figure]] = {
    one.__name__: one
    for one in (noise, redundancy, saturation, insertion, paired, search, word_order, emptied)
}


def main() -> None:
    """Draw the named pictures, or all."""
    for name in sys.argv[1:] or PICTURES:
        figure = PICTURES[name]()
        target = IMAGES / f"misleads-{name}.webp"
        figure.savefig(target, dpi=110, pil_kwargs={"quality": 85, "method": 6})
        plt.close(figure)
        print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
