"""Cost of each method by itself: encodes of an item, scores of a pair."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ilime_core.modality import Modality
from ilime_core.opaque.foreseen_scores import foreseen_scores
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.pair_records import GivenRows
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item, read_items
from tasks.spec import ExplainParameters
from tasks.spec.core_options import given_rows, pair_options, pair_rng
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.item_budgets import item_budgets
from tasks.stages.score.perturb import segment_counts

__all__ = ["MethodCost", "method_costs"]

MODES = {Modality.IMAGE: "image_encodes", Modality.TEXT: "text_encodes"}


@dataclass(frozen=True, slots=True)
class MethodCost:
    """Encodes or scores that one estimator alone needs, over some items or pairs.

    Attributes
    ----------
    mode
        ``image_encodes`` and ``text_encodes`` count rows for one item, the whole and the empty one included;
        ``scores`` count joint rows for one pair.
    counts
        Of each item or pair.
    """

    estimator: str
    mode: str
    counts: tuple[int, ...]


def method_costs(
    run: OpenRun, estimators: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> Iterator[MethodCost]:
    """Cost of each estimator by itself on some pairs; held-out masks are omitted.

    Parameters
    ----------
    run
        Opened plan of the run.
    estimators
        Names of estimators.
    pairs
        Left and right item id of each pair.

    Returns
    -------
    iterator of MethodCost
        Costs by estimator and kind of cost.
    """
    ids = sorted({name for pair in pairs for name in pair})
    blocks = item_blocks_of(run, ids)
    counts, budgets = segment_counts(run, blocks, ids), item_budgets(run, blocks, ids)
    items = read_items(run, [name for name in ids if counts.get(name)])
    for estimator in estimators:
        parameters = run.plan.parameters.model_copy(update={"estimators": (estimator,)})
        if estimator in PAIR_ESTIMATORS.names:
            known = [pair for pair in pairs if items.keys() >= set(pair)]
            yield from _of_pairs(parameters, items, counts, known)
        else:
            yield from _of_items(parameters, items.values(), counts, budgets)


def _of_items(
    parameters: ExplainParameters,
    items: Iterable[Item],
    counts: Mapping[str, int],
    budgets: Mapping[str, int],
) -> Iterator[MethodCost]:
    own = list(items)
    for modality in Modality:
        draw = replace(MaskDraw.of(modality, parameters), held_out=0)
        spent = [
            _encodes(
                draw.of_budget(budgets.get(item.item_id, draw.request.n_masks)),
                item.sha256,
                counts[item.item_id],
            )
            for item in own
            if item.modality == modality
        ]
        if spent:
            yield MethodCost(parameters.estimators[0], MODES[modality], tuple(spent))


def _encodes(draw: MaskDraw, sha256: str, n_segments: int) -> int:
    masks = draw.draw(sha256, n_segments)
    drawn = masks.n_encodes_at_most if draw.is_placed else masks.n_encodes
    return 1 + drawn + draw.inside(n_segments)


def _of_pairs(
    parameters: ExplainParameters,
    items: Mapping[str, Item],
    counts: Mapping[str, int],
    pairs: Sequence[tuple[str, str]],
) -> Iterator[MethodCost]:
    [estimator] = parameters.estimators
    embedded = parameters.opaque.reads_embeddings
    asked: list[tuple[int, int, int]] = []
    for left, right in pairs:
        x, y = items[left], items[right]
        given = (_given(parameters, x, counts[left]), _given(parameters, y, counts[right]))
        options = pair_options(parameters, given if embedded else None)
        rng = pair_rng(parameters.seed, x.sha256, y.sha256)
        asked.append(foreseen_scores(estimator, counts[left], counts[right], options, rng))
    scores, left_encodes, right_encodes = zip(*asked, strict=True) if asked else ((), (), ())
    if not embedded:
        yield MethodCost(estimator, "scores", scores)
        return
    for side, spent in ((0, left_encodes), (1, right_encodes)):
        if spent:
            yield MethodCost(estimator, MODES[Modality(items[pairs[0][side]].modality)], spent)


def _given(parameters: ExplainParameters, item: Item, n_segments: int) -> GivenRows:
    draw = replace(MaskDraw.of(Modality(item.modality), parameters), held_out=0)
    return given_rows(draw.draw(item.sha256, n_segments))
