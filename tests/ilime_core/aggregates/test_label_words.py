"""Masses of words inside of labels against loops over pairs, regions and words."""

import numpy as np
import pytest

from ilime_core.aggregates.label_words import NOT_KEPT, LabelledCells, LabelWordTotals

N_LABELS, N_WORDS = 3, 4


def drawn(seed, n_pairs=12):
    """W of each pair with labels and areas of its regions and the words of its text; -1 is not followed."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_pairs):
        labels = rng.integers(NOT_KEPT, N_LABELS, size=rng.integers(1, 6))
        words = rng.integers(-1, N_WORDS, size=rng.integers(1, 6))
        areas = rng.dirichlet(np.ones(len(labels)))
        found.append((labels, words, areas, rng.normal(size=(len(labels), len(words)))))
    labels, words, areas, weights = found[0]
    found[0] = labels, words, areas, np.zeros_like(weights)
    return found


def cells_of(pairs):
    rows = [
        (number, labels[i], words[j], weights[i, j], areas[i])
        for number, (labels, words, areas, weights) in enumerate(pairs)
        for i in range(len(labels))
        for j in range(len(words))
        if words[j] >= 0
    ]
    pair, label, word, weight, area = (np.array(column) for column in zip(*rows, strict=True))
    return LabelledCells(pair, label, word, weight, area)


def by_brute_force(pairs):
    found = {}
    for labels, words, areas, weights in pairs:
        for label in range(N_LABELS):
            for word in range(N_WORDS):
                columns = [j for j in range(len(words)) if words[j] == word]
                own = [i for i in range(len(labels)) if labels[i] == label]
                mass = sum(abs(weights[i, j]) for i in range(len(labels)) for j in columns)
                if not columns or not own or mass == 0:
                    continue
                others = [i for i in range(len(labels)) if labels[i] not in {label, -1}]
                ground = [i for i in range(len(labels)) if labels[i] == -1]
                inside, other, background = (
                    sum(abs(weights[i, j]) for i in regions for j in columns) / mass
                    for regions in (own, others, ground)
                )
                net = sum(weights[i, j] for i in own for j in columns)
                area = sum(areas[i] for i in own)
                found.setdefault((label, word), []).append((mass, inside, other, background, net, area))
    return found


def test_means_are_those_of_a_loop_however_pairs_are_added():
    first, second = drawn(0), drawn(1)
    totals = LabelWordTotals(N_LABELS, N_WORDS)
    totals.add(cells_of(first))
    totals.add(cells_of(second))
    got = totals.means(fewest=1)
    wanted = by_brute_force(first + second)
    assert list(zip(got.label.tolist(), got.word.tolist(), strict=True)) == sorted(wanted)
    for row, key in enumerate(sorted(wanted)):
        assert got.n_pairs[row] == len(wanted[key])
        values = [
            getattr(got, name)[row] for name in ("mass", "inside", "other", "background", "net", "area")
        ]
        assert values == pytest.approx(np.mean(wanted[key], axis=0).tolist())
        assert sum(values[1:4]) == pytest.approx(1.0)


def test_without_cells_nothing_is_known():
    none = np.zeros(0, dtype=np.int64)
    totals = LabelWordTotals(N_LABELS, N_WORDS)
    totals.add(LabelledCells(none, none, none, np.zeros(0), np.zeros(0)))
    assert len(totals.means(fewest=0).label) == 0


def test_words_of_few_pairs_are_left_out():
    pairs = drawn(2)
    totals = LabelWordTotals(N_LABELS, N_WORDS)
    totals.add(cells_of(pairs))
    counts = [
        sum(bool(word in words and weights.any()) for _, words, _, weights in pairs)
        for word in range(N_WORDS)
    ]
    fewest = sorted(counts)[1] + 1
    kept = {word for word in range(N_WORDS) if counts[word] >= fewest}
    assert 0 < len(kept) < N_WORDS
    assert set(totals.means(fewest).word.tolist()) == kept
