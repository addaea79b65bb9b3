"""``ilime check``: a spec's model and the first items of its corpus, before hours are spent on them."""

import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import torch
from rich.console import Console

from flows.console.findings import Finding, findings_status, ok, report_finding, warning, wrong
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.probing import Recall, TowerProbe, first_recall
from ilime_core.errors import IlimeError, IlimeWarning
from ilime_core.modality import Modality
from ilime_core.perturbation.drop_tokens import check_dropping
from ilime_core.printable import printable
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.segmentation.geometry import seen_share
from ilime_core.white_box.tower_checks import check_white_box
from tasks.corpora.corpus import Corpus
from tasks.forecast.first_items import CHECKED, FirstItems, encode_side, load_sides
from tasks.planning.later_stages import check_later_stages
from tasks.process.models import encoder_specification, resolve_model
from tasks.process.scorers import resolve_scorer
from tasks.spec import BlockParameters, ExplainParameters
from tasks.spec.estimator_kinds import pair_estimators
from tasks.spec.explain import image_baselines
from tasks.spec.relative_paths import check_places
from tasks.storage.storage import Storage

__all__ = ["check_spec", "recall_finding"]

_NORM = 1e-3
# Rounding in bfloat16 stays below; a tower that mixes the items of a batch does not.
_ORDER = 2e-2
_TRUNCATED = 0.05
_SEEN = 0.5
_NAMED = 3  # items that cannot be used


def check_spec(parameters: ExplainParameters) -> int:
    """Print a line for each thing that can be known in a minute; nothing stays in the output."""
    found: list[Finding] = []
    console = Console(stderr=True)
    try:
        Storage(parameters.output).check_writable()
        report_finding(found, ok("output", f"{parameters.output} can be written, and never twice"))
    except IlimeError as error:
        report_finding(found, wrong("output", str(error)))
    encoder = None
    try:
        check_places(parameters)
        with console.status("loading the model"):
            encoder = _load(parameters, found)
        with console.status(f"reading the first {CHECKED} items"):
            corpus, sides = load_sides(parameters, encoder)
    except IlimeError as error:
        report_finding(found, wrong("corpus" if encoder else "model", str(error)))
        return findings_status(found)
    for name, problem in _later_problems(parameters):
        report_finding(found, wrong(name, problem))
    for side in sides:
        _report_items(found, side, corpus)
    if all(side.entries for side in sides):
        with console.status("encoding them"):
            _report_embeddings(found, encoder, corpus, sides, parameters.blocks)
    return findings_status(found)


def _load(parameters: ExplainParameters, found: list[Finding]) -> DualEncoder:
    with _told(found, "model"):
        model = resolve_model(parameters.model)
        encoder = build_encoder(encoder_specification(parameters.model), model.device, model.precision)
    name = " ".join(
        filter(None, (parameters.model.name, parameters.model.model, parameters.model.pretrained))
    )
    where = f"{name} on {model.device}, {model.precision}, width {encoder.image.dim}"
    if encoder.fingerprint() == model.fingerprint:
        report_finding(found, ok("model", f"{where}, fingerprint {model.fingerprint[:12]}"))
    else:
        text = f"{where}: its files have another fingerprint than the model; no run could be resumed"
        report_finding(found, wrong("model", text))
    try:
        check_white_box(encoder, parameters.estimators)
    except IlimeError as error:
        report_finding(found, wrong("estimators", str(error)))
    try:
        check_dropping(encoder, image_baselines(parameters))
    except IlimeError as error:
        report_finding(found, wrong("baselines", str(error)))
    return encoder


def _later_problems(parameters: ExplainParameters) -> Iterator[tuple[str, str]]:
    """What would end a run when it is planned, although model and corpus are sound."""
    try:
        check_later_stages(parameters, resolve_model)
    except IlimeError as error:
        yield "measure", str(error)
    try:
        if pair_estimators(parameters):
            resolve_scorer(parameters.opaque)
    except IlimeError as error:
        yield "scorer", str(error)


@contextmanager
def _told(found: list[Finding], name: str) -> Generator[None]:
    """Warnings of ilime's own become findings, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", IlimeWarning)
        yield
    for text in sorted({str(one.message) for one in caught if issubclass(one.category, IlimeWarning)}):
        report_finding(found, warning(name, text))


def _report_items(found: list[Finding], side: FirstItems, corpus: Corpus) -> None:
    name = "images" if side.modality is Modality.IMAGE else "texts"
    n_all = len(side.entries) + len(side.failures)
    if not side.entries:
        report_finding(
            found, wrong(name, f"none of the first {n_all} can be used, the first: {_first(side.failures)}")
        )
    elif side.failures:
        text = f"{len(side.failures)} of the first {n_all} cannot be used, the first: {_first(side.failures)}"
        report_finding(found, warning(name, text))
    if side.modality is Modality.IMAGE and side.entries:
        first = side.entries[0]
        inside = f" ({first.member})" if first.member else ""
        report_finding(found, ok(name, f"the first is {corpus.files.root.rstrip('/')}/{first.uri}{inside}"))
        _report_views(found, side)


def _first(failures: list[str]) -> str:
    """Some of the items that cannot be used, by name; a name may hold anything."""
    return "; ".join(printable(" ".join(one.split())) for one in failures[:_NAMED])


def _report_views(found: list[Finding], side: FirstItems) -> None:
    sizes = {view.pixels.shape[:2] for view in side.views}
    declared = {(view.geometry.view_height, view.geometry.view_width) for view in side.views}
    if len(sizes) != 1 or sizes != declared:
        text = f"sizes {sorted(sizes)}, declared as {sorted(declared)}: a model needs views of one size"
        report_finding(found, wrong("view", text))
        return
    (size,) = sizes
    seen = sum(seen_share(view.geometry) for view in side.views) / len(side.views)
    text = f"{size[1]} x {size[0]} pixels; the model sees {seen:.0%} of a picture on average"
    if seen < _SEEN:
        text += ": what is cropped away cannot be explained; consider a model that squashes"
    report_finding(found, ok("view", text) if seen >= _SEEN else warning("view", text))


def _report_embeddings(
    found: list[Finding],
    encoder: DualEncoder,
    corpus: Corpus,
    sides: tuple[FirstItems, FirstItems],
    blocks: BlockParameters,
) -> None:
    if any(side.modality is Modality.TEXT for side in sides):
        _report_truncation(found, encoder, next(side for side in sides if side.modality is Modality.TEXT))
    embeddings: list[torch.Tensor] = []
    for side in sides:
        rows, probe = encode_side(encoder, side, blocks)
        embeddings.append(rows)
        name = "image tower" if side.modality is Modality.IMAGE else "text tower"
        report_finding(found, _tower(name, probe))
    left, right = sides
    rows_of = [{row: at for at, row in enumerate(side.rows)} for side in sides]
    relevant = torch.zeros((len(left.rows), len(right.rows)), dtype=torch.bool)
    for a, b in corpus.relevance:
        if a in rows_of[0] and b in rows_of[1]:
            relevant[rows_of[0][a], rows_of[1][b]] = True
    scores = (embeddings[0] @ embeddings[1].T).cpu()
    names = [side.modality.value for side in sides]
    first, second = names if names[0] != names[1] else ("query", "candidate")
    report_finding(found, recall_finding(f"{first} to {second}", first_recall(scores, relevant)))
    report_finding(found, recall_finding(f"{second} to {first}", first_recall(scores.T, relevant.T)))


def recall_finding(direction: str, recall: Recall) -> Finding:
    """Judge R@1 of the items that were read by what guessing would reach.

    Parameters
    ----------
    direction
        Name of the direction for the line.
    recall
        R@1 with the number of queries and its chance level.

    Returns
    -------
    Finding
        A warning if R@1 is at most twice the chance level and not 1.
    """
    text = f"{direction} {recall.value:.0%} of {recall.n_queries}, by chance {recall.chance:.0%}"
    if recall.value > 2 * recall.chance or recall.value == 1:
        return ok("R@1", text)
    cure = "look at weights, tokenizer, and which caption is whose"
    return warning("R@1", f"{text}: no more than twice as often as by guessing; {cure}")


def _report_truncation(found: list[Finding], encoder: DualEncoder, side: FirstItems) -> None:
    length = encoder.text.context_length
    share = sum(len(row) > length for row in encoder.text.tokenise(side.texts)) / len(side.texts)
    text = (
        f"{share:.0%} of {len(side.texts)} captions are longer than the {length} tokens that the model reads"
    )
    if share > _TRUNCATED:
        report_finding(found, warning("tokenizer", f"{text}: their last words have no effect"))
    else:
        report_finding(found, ok("tokenizer", text))


def _tower(name: str, probe: TowerProbe) -> Finding:
    if probe.n_non_finite:
        text = (
            f"{probe.n_non_finite} embeddings are not finite: try model.precision: float32, or other weights"
        )
        return wrong(name, text)
    if probe.norm_error > _NORM:
        return wrong(name, f"lengths are off one by {probe.norm_error:.2g}: the encoder must normalise")
    if probe.order_gap > _ORDER:
        text = (
            f"embeddings change by {probe.order_gap:.2g} with the order of a batch: is it in training mode?"
        )
        return wrong(name, text)
    if not probe.repeats:
        return warning(name, "the same batch gives other bits: runs will agree within tolerances only")
    return ok(name, f"unit norm, finite, bit-equal twice, {probe.order_gap:.1g} apart in another order")
