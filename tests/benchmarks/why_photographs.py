"""Why words are seldom found on photographs: truth, baseline, regions, masks, or what the model knows?

``python tests/benchmarks/why_photographs.py [--out FOLDER] [--settings ...] [--mosaics 12]``: the demo's
model (`conse`) on its twelve photographs and one more of scikit-image, 65 captions. Embeddings are kept below
``--out``: stopped anywhere, the same command goes on. A setting takes about a minute on an idle core.

Means are over captions (phrases of a caption averaged first), 95 % intervals are clustered by photograph and
caption; the stereo pair of the motorcycle is one cluster. A phrase is *known* if the model, shown the crop of
its box alone, finds at most a tenth of other photographs' phrases to fit better; it *raises* the score if its
words have a positive effect with the photograph whole. Neither looks at where a map points.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from photograph_effects import Model, Setting, Store, cut
from photograph_phrases import Caption, Photograph, Phrase, mosaics, photographs

from ilime_core.aggregates.clustered_mean import ClusteredMean, clustered_mean
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.faithfulness.placement import localise
from ilime_core.faithfulness.region_truth import RegionTruth
from ilime_core.faithfulness.truth_in_view import named_part, region_areas
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.records import Effects, ImageSegments
from ilime_core.segmentation.words import word_segments

SETTINGS = {
    "base": Setting(),
    "boxes as regions": Setting(method="given"),
    "blur": Setting(baseline="blur"),
    "p = .8": Setting(p=0.8),
    "slic 25": Setting(n_regions=25),
    "slic 81": Setting(n_regions=81, n_masks=256),
    "grid 36": Setting(method="grid", n_regions=36),
    "dataset_mean": Setting(baseline="dataset_mean"),
    "noise": Setting(baseline="noise"),
    "watershed 40": Setting(method="watershed"),
    "1,024 masks": Setting(n_masks=1024),
}
KEPT = Path(tempfile.gettempdir()) / "ilime-why-photographs"
MOSAIC = Setting(method="grid", n_regions=36)
MOST_SHOWN = 0.9
"""Share of right regions beyond which a phrase tells nothing of maps."""
MAPS = ("matrix", "main effects", "phrase alone", "middle", "truth")


@dataclass(frozen=True, slots=True)
class Row:
    """One phrase that some region shows, and what maps of it are worth.

    ``hits`` are those of the pointing game, ``gains`` PGR minus its chance, ``ordered`` the share of pairs of
    a right and a wrong region of which the right one weighs more.
    """

    photo: str
    cluster: str
    caption: str
    at: int
    known: bool
    raises: bool
    chance: float
    cross: float
    hits: dict[str, float]
    gains: dict[str, float]
    ordered: dict[str, float]

    @property
    def gain(self) -> float:
        """Hits of the matrix beyond chance."""
        return self.hits["matrix"] - self.chance

    @property
    def key(self) -> tuple[str, str, int]:
        return self.photo, self.caption, self.at


Known = dict[tuple[str, Phrase], bool]


def rows(
    model: Model, photos: Sequence[Photograph], name: str, setting: Setting, known: Known
) -> Iterator[Row]:
    """Explain every caption of every photograph in one setting."""
    for photo in photos:
        for number, caption in enumerate(photo.captions):
            segments = cut(photo, caption, setting)
            given = f"-{number}" if setting.method == "given" else ""
            effects = model.image(f"{name}/{photo.name}{given}", photo, setting, segments)
            found = {phrase: known[photo.name, phrase] for phrase in caption.phrases}
            yield from _rows(model, photo, caption, segments, effects, setting.p, found)


def _rows(
    model: Model,
    photo: Photograph,
    caption: Caption,
    segments: ImageSegments,
    effects: Effects,
    p: float,
    known: dict[Phrase, bool],
) -> Iterator[Row]:
    text = model.text(caption.text)
    only = torch.zeros(1, dtype=torch.long)
    fit = fit_pairs(stack_effects([effects], p=p), stack_effects([text]), only, only)
    truth = _truth(photo, caption, segments)
    shown = truth.shown()
    alone = model.names([phrase.text for phrase in caption.phrases])
    for at, (phrase, part) in enumerate(zip(caption.phrases, truth.parts, strict=True)):
        if not shown[:, at].any():
            continue
        words = list(part.words)
        maps = {
            "matrix": fit.weights[0][:, words].sum(1).numpy(),
            "main effects": fit.left.effect[0].numpy(),
            "phrase alone": (effects.effects @ alone[at].double()).numpy(),
            "middle": -_distances(segments),
            "truth": truth.covered[:, at],
        }
        placed = {which: localise(one[:, None], shown[:, at : at + 1]) for which, one in maps.items()}
        yield Row(
            photo.name,
            photo.cluster,
            caption.text,
            at,
            known[phrase],
            float(fit.right.intact_effect[0][words].sum()) > 0,
            float(shown[:, at].mean()),
            float(fit.variance.share_cross[0]),
            {which: float(one.hits[0]) for which, one in placed.items()},
            {which: float(one.right_mass[0] - one.right_mass_chance[0]) for which, one in placed.items()},
            {which: _ordered(one, shown[:, at]) for which, one in maps.items()},
        )


def _truth(photo: Photograph, caption: Caption, segments: ImageSegments) -> RegionTruth:
    words = word_segments(caption.text)
    parts = []
    for phrase in caption.phrases:
        spans = enumerate(zip(words.starts, words.ends, strict=True))
        own = tuple(at for at, (start, end) in spans if start < phrase.end and end > phrase.start)
        parts.append(named_part(own, photo.shows(phrase), segments.labels, segments.n_segments))
    return RegionTruth(tuple(parts), region_areas(segments.labels, segments.n_segments))


def _distances(segments: ImageSegments) -> Float[np.ndarray, " regions"]:
    """Of the regions' centres from the middle of the view."""
    places = np.indices(segments.labels.shape).reshape(2, -1)
    labels = segments.labels.ravel()
    counts = np.bincount(labels)
    centres = np.stack([np.bincount(labels, weights=axis) / counts for axis in places])
    return np.linalg.norm(centres - np.array(segments.labels.shape)[:, None] / 2, axis=0)


def _ordered(weights: Float[np.ndarray, " regions"], shown: np.ndarray) -> float:
    right, wrong = weights[shown][:, None], weights[~shown][None]
    return float(((right > wrong) + 0.5 * (right == wrong)).mean()) if wrong.size else float("nan")


def mean(found: Sequence[Row], value: Callable[[Row], float]) -> ClusteredMean:
    """Over captions."""
    captions: dict[tuple[str, str, str], list[float]] = {}
    for row in found:
        captions.setdefault((row.cluster, row.photo, row.caption), []).append(value(row))
    values = np.array([np.mean(one) for one in captions.values()])
    clusters, photos, texts = zip(*captions, strict=True) if captions else ((), (), ())
    return clustered_mean(values, clusters, [f"{a} {b}" for a, b in zip(photos, texts, strict=True)])


def between(found: Sequence[Row], holds: Callable[[Row], bool]) -> ClusteredMean:
    """Hits minus chance of phrases that hold minus those of others, over photographs that have both."""
    clusters = sorted({row.cluster for row in found})
    differences: dict[str, float] = {}
    for cluster in clusters:
        own = [row for row in found if row.cluster == cluster]
        parts = [
            [row.hits["matrix"] - row.chance for row in own if holds(row) == kind] for kind in (True, False)
        ]
        if all(parts):
            differences[cluster] = float(np.mean(parts[0]) - np.mean(parts[1]))
    return clustered_mean(np.array(list(differences.values())), list(differences), list(differences))


def told(estimate: ClusteredMean) -> str:
    """Mean, interval, captions and clusters; nothing but the mean below ten clusters."""
    if estimate.mean is None:
        return "-"
    n = f"n = {estimate.n}/{estimate.n_clusters}"
    if estimate.low is None or estimate.high is None or estimate.p_value(0.0) is None:
        return f"{estimate.mean:.3f} ({n}: too few)"
    return f"{estimate.mean:.3f} ({estimate.low:.3f} to {estimate.high:.3f}; {n})"


def line(name: str, found: Sequence[Row], base: Sequence[Row] = ()) -> str:
    before = {row.key: row for row in base}
    both = [row for row in found if row.key in before]
    columns = [
        name,
        str(len(found)),
        told(mean(found, lambda row: row.chance)),
        told(mean(found, lambda row: row.gain)),
        told(mean(found, lambda row: row.gains["matrix"])),
        told(mean([row for row in found if row.chance < 1], lambda row: row.ordered["matrix"])),
        f"{np.mean([row.cross for row in found]):.3f}" if found else "-",
    ]
    if both:
        columns.append(told(mean(both, lambda row: row.gain - before[row.key].gain)))
    return f"| {' | '.join(columns)} |"


def causes(found: Sequence[Row], n_phrases: int) -> None:
    """The truth, maps that know no model, and what the model knows."""
    useless = sum(row.chance >= MOST_SHOWN for row in found)
    print(
        f"{n_phrases} phrases, {len(found)} shown by a region, {useless} by {MOST_SHOWN:.0%} of them or more"
    )
    useful = [row for row in found if row.chance < 0.5]
    for name, some in (("all", found), ("chance below .5", useful)):
        print(f"\n{name}: {len(some)} phrases, chance {told(mean(some, lambda row: row.chance))}")
        for which in MAPS:
            gain = told(mean(some, lambda row, which=which: row.hits[which] - row.chance))
            print(f"  {which}: hits minus chance {gain}")
    for other in ("middle", "main effects", "phrase alone"):
        ahead = mean(found, lambda row, other=other: row.hits["matrix"] - row.hits[other])
        print(f"hits of the matrix minus those of {other}: {told(ahead)}")
    for title, holds in (
        ("known", lambda row: row.known),
        ("raises the score", lambda row: row.raises),
        ("more than the median of variance is joint", _above_median(found)),
    ):
        contrast = between(found, holds)
        p = contrast.p_value(0.0)
        print(f"\n{title}: yes minus no, by photograph: {told(contrast)}" + (f", p = {p:.3f}" if p else ""))
        print(line("yes", [row for row in found if holds(row)]))
        print(line("no", [row for row in found if not holds(row)]))
    agree = np.mean([row.known == row.raises for row in found])
    print(f"\nknown and raising agree on {agree:.2f} of the phrases")


def _above_median(found: Sequence[Row]) -> Callable[[Row], bool]:
    median = np.median([row.cross for row in found])
    return lambda row: row.cross > median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=KEPT, help="folder of embeddings, kept")
    parser.add_argument("--settings", nargs="+", choices=list(SETTINGS), default=list(SETTINGS)[:-1])
    parser.add_argument("--mosaics", type=int, default=12, help="0 leaves them out")
    asked = parser.parse_args()
    out = asked.out.resolve()
    photos = photographs(out / "photographs")
    colour = np.mean([photo.view.pixels.reshape(-1, 3).mean(0) for photo in photos], axis=0).round()
    encoder = build_encoder(EncoderSpec("conse"), "cpu", "float32")
    model = Model(encoder, Store(out), (int(colour[0]), int(colour[1]), int(colour[2])))
    known = model.known(photos, "crops")
    base = list(rows(model, photos, "base", SETTINGS["base"], known))
    causes(base, sum(len(caption.phrases) for photo in photos for caption in photo.captions))
    columns = (
        "setting",
        "phrases",
        "chance",
        "hits-chance",
        "PGR-chance",
        "ordered",
        "joint",
        "gain on base",
    )
    print(f"\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for name in asked.settings:
        found = base if name == "base" else list(rows(model, photos, name, SETTINGS[name], known))
        print(line(name, found, base), flush=True)
        for kind, title in ((True, "known"), (False, "not known")):
            print(line(f"{name}, {title}", [row for row in found if row.known == kind]), flush=True)
    if asked.mosaics:
        made = mosaics(out / "mosaics", asked.mosaics)
        of_mosaics = model.known(made, "mosaics/crops")
        print(line("mosaics, grid 36", list(rows(model, made, "mosaics", MOSAIC, of_mosaics))))


if __name__ == "__main__":
    main()
