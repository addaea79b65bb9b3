"""The tables of docs/scaling.md, from unit costs: python tests/benchmarks/cost_model.py."""

from dataclasses import dataclass

from tasks.forecast.unit_costs import (
    FITS_PER_S,
    GATHERED_PER_S,
    REPORTED_PER_S,
    SEGMENTED_PER_S,
    SUMMARISED_PER_S,
    SWEPT_PER_S,
)

DIM, REGIONS, WORDS = 512, 49, 10
FLOAT = 3.7
"""Bytes of a stored float32, compressed (measured)."""
ERROR_RANK, SPREAD_RANK = 16, 32
IMAGE_MASKS, IMAGE_HELD_OUT, TEXT_MASKS, TEXT_HELD_OUT = 256, 64, 64, 16
IMAGE_BLOCK, TEXT_BLOCK, PAIR_BLOCK = 20_000, 100_000, 4_096

CELL, MAIN, COMPONENT, FIT, MARGIN_ROW = 6.2, 19.8, 30.0, 91.0, 4.3
"""Bytes of a row (of factors: beside its vectors), measured by bench_scale.py."""
ITEM, SEGMENT, VIEW, RANKING = 110.0, 45.0, 700.0, 45.0

IMAGES_PER_S, TEXTS_PER_S = 1_500.0, 1_500.0
"""Of one GPU, an assumption: see docs/scaling.md."""
MANIFEST_ROW, PLANNED_ITEM, RECORD = 1_925.0, 175.0, 1_070.0
"""Bytes of the driver for a manifest row while planning and an item of a pair later, and of a record."""
SPREAD_PARTS = 1.8
"""A block of pairs of k reads this over sqrt(k) of all blocks of items: errors pair anything (simulated)."""
OBJECTS_OF_ITEMS, OBJECTS_OF_PAIRS = 7, 7
"""Parts and records of a block of items (segment and score) and of a block of pairs."""


@dataclass(frozen=True)
class Corpus:
    """A benchmark and how many of its queries fail in each direction."""

    name: str
    images: int
    texts: int
    failed: int

    @property
    def pairs(self) -> int:
        return self.texts + self.failed


def item_bytes(n_segments: int, held_out: int) -> dict[str, float]:
    """Bytes of one item by table."""
    return {
        "items": ITEM + DIM * FLOAT,
        "segments, views": n_segments * SEGMENT + VIEW,
        "effects": n_segments * DIM * FLOAT,
        "item_fits": (4 + ERROR_RANK + SPREAD_RANK) * DIM * FLOAT,
        "embeddings": (2 + held_out) * DIM * FLOAT,
    }


def pair_bytes() -> dict[str, float]:
    """Bytes of one pair by table."""
    components = min(REGIONS, WORDS)
    return {
        "interactions": REGIONS * WORDS * CELL,
        "main_effects": (REGIONS + WORDS) * MAIN,
        "factors": components * (COMPONENT + (REGIONS + WORDS) * FLOAT),
        "fits": FIT,
    }


def figures(corpus: Corpus) -> dict[str, float]:
    """What a run of a corpus takes."""
    image_encodes = corpus.images * (IMAGE_MASKS + IMAGE_HELD_OUT + 2)
    text_encodes = corpus.texts * (TEXT_MASKS + TEXT_HELD_OUT + 2)
    blocks = corpus.images / (IMAGE_BLOCK // (IMAGE_MASKS + IMAGE_HELD_OUT + 1))
    blocks += corpus.texts / (TEXT_BLOCK // (TEXT_MASKS + TEXT_HELD_OUT + 1))
    pair_blocks = corpus.pairs / PAIR_BLOCK
    items = corpus.images * sum(item_bytes(REGIONS, IMAGE_HELD_OUT).values())
    items += corpus.texts * sum(item_bytes(WORDS, TEXT_HELD_OUT).values())
    times_read = max(1.0, min(pair_blocks, SPREAD_PARTS * pair_blocks**0.5))
    pairs = corpus.pairs * sum(pair_bytes().values())
    pairs += (
        corpus.failed * (REGIONS + 2 * WORDS) * MARGIN_ROW + (corpus.images + corpus.texts) * 10 * RANKING
    )
    return {
        "image encodes": image_encodes,
        "text encodes": text_encodes,
        "GPU hours": (image_encodes / IMAGES_PER_S + text_encodes / TEXTS_PER_S) / 3600,
        "pairs with tables": corpus.pairs,
        "core hours of fit": corpus.pairs / FITS_PER_S / 3600,
        "core hours of segmenting": corpus.images / SEGMENTED_PER_S / 3600,
        "core hours of summarise and report": corpus.pairs
        * (1 / SUMMARISED_PER_S + 1 / REPORTED_PER_S)
        / 3600,
        "`pairs.all`, core hours": corpus.images
        * corpus.texts
        * (1 / SWEPT_PER_S + 1 / GATHERED_PER_S)
        / 3600,
        "stored for items, GB": items / 1e9,
        "stored for pairs, GB": pairs / 1e9,
        "blocks of items": blocks,
        "blocks of pairs": pair_blocks,
        "fit reads, times its inputs, nothing kept": times_read,
        "objects": OBJECTS_OF_ITEMS * blocks + OBJECTS_OF_PAIRS * pair_blocks + 30,
        "requests without fit": 3 * corpus.images + 35 * blocks,
        "requests of fit": pair_blocks * 10 + times_read * blocks * 9,
        "all records, MB": (2 * blocks + pair_blocks) * RECORD / 1e6,
        "driver while planning, GB": (corpus.images + corpus.texts) * MANIFEST_ROW / 1e9,
        "driver later, GB": (corpus.images + corpus.texts) * PLANNED_ITEM / 1e9,
        "match, GB": (corpus.images + corpus.texts) * DIM * 4 / 1e9,
    }  # fmt: skip


CORPORA = (
    Corpus("COCO 5k", 5_000, 25_000, 18_000),
    Corpus("10 M pairs", 10_000_000, 10_000_000, 10_000_000),
    Corpus("400 M pairs", 400_000_000, 400_000_000, 400_000_000),
)


def main() -> None:
    """Print the tables as Markdown."""
    columns = [figures(corpus) for corpus in CORPORA]
    print(
        "| | "
        + " | ".join(corpus.name for corpus in CORPORA)
        + " |\n| --- " * 1
        + "| ---: " * len(CORPORA)
        + "|"
    )
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(_short(column[name]) for column in columns) + " |")
    for title, sizes in (
        ("image", item_bytes(REGIONS, IMAGE_HELD_OUT)),
        ("caption", item_bytes(WORDS, TEXT_HELD_OUT)),
        ("pair", pair_bytes()),
    ):
        print(
            f"\n{title}: {sum(sizes.values()) / 1e3:.1f} kB: "
            + ", ".join(f"{k} {v / 1e3:.1f}" for k, v in sizes.items())
        )


def _short(value: float) -> str:
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:,.1f} {name}"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


if __name__ == "__main__":
    main()
