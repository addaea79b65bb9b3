"""``ilime plan``: what a run would cost."""

from dataclasses import replace

import click
from rich.console import Console

from flows.actions.prediction import Load, predict
from flows.exit_status import DONE
from tasks.corpora.rejections import rejected_line
from tasks.forecast.auto_precision import settle_precision
from tasks.forecast.budget import Budget, estimate_budget
from tasks.forecast.precision_trial import try_precisions
from tasks.forecast.reuse import forecast_reuse
from tasks.planning.attempts import newest_attempt
from tasks.planning.draft import Draft, draft_plan
from tasks.planning.run_changes import describe_changes
from tasks.run_files.committed import read_commit
from tasks.run_files.naming import plan_key
from tasks.spec import ExplainParameters, PairParameters
from tasks.spec.estimator_kinds import item_estimators, pair_estimators
from tasks.stages.fit_opaque.budget import OpaqueBudget, estimate_opaque
from tasks.stages.measure.cost import resolved_faithfulness
from tasks.stages.select.plan import selects

__all__ = ["print_plan"]


def print_plan(parameters: ExplainParameters, *, calibrate: bool) -> int:
    """Print the counts and, on request, the forecast seconds of a run; writes nothing.

    Parameters
    ----------
    parameters
        Spec of the run.
    calibrate
        Load the model and time its towers.

    Returns
    -------
    int
        Exit status, always 0.
    """
    console = Console(stderr=True)
    load = Load()
    with console.status("planning: listing the corpus and resolving the model"):
        settled = settle_precision(draft_plan(parameters), try_precisions, may_try=calibrate)
        draft = newest_attempt(settled.draft)
        budget = estimate_budget(draft)
        changes = describe_changes(draft)
        reuse = forecast_reuse(draft)
        opaque = estimate_opaque(draft)
    bound = "" if budget.is_exact else "at most "
    shared = ", ".join(item_estimators(parameters)) or "sampled pairs"
    lines = {
        "run": f"{draft.run_id}, {_state(draft)}" + (f"; {changes}" if changes else ""),
        "model": f"{parameters.model.name} on {draft.model.device}, {draft.model.precision}",
        "precision": settled.why.removeprefix("precision: "),
        "items": f"{budget.n_images:,} images, {budget.n_texts:,} texts",
        "equal images": draft.merged,
        "not usable": rejected_line(draft.rejected),
        "pairs": _pairs_line(parameters.pairs, budget),
        "image encodes": f"{bound}{budget.image_encodes:,} (whole items {budget.embed_images:,}, "
        f"perturbed {_range(budget.fewest_score_images, budget.score_images)}, shared by {shared})",
        "text encodes": f"{bound}{budget.text_encodes:,} (whole items {budget.embed_texts:,}, "
        f"perturbed {_range(budget.fewest_score_texts, budget.score_texts)})",
        "reused": f"{reuse.images:,} of the images and {reuse.texts:,} of the texts, from earlier runs: "
        f"{reuse.image_encodes:,} image encodes and {reuse.text_encodes:,} text encodes less",
        "single pairs": "" if opaque is None else _opaque_line(parameters, opaque),
        "measure": _measure_text(parameters, budget),
        "select": f"at most {budget.select_encodes_at_most:,} encodes for "
        f"{', '.join(parameters.selection.methods)} on {parameters.selection.sample:,} pairs"
        + _beside(budget, budget.select_encodes_at_most),
        "storage": f"about {budget.storage_bytes / 2**20:,.1f} MiB below {parameters.output}",
    }
    if not settled.why:
        del lines["precision"]
    if opaque is None:
        del lines["single pairs"]
    if not draft.merged:
        del lines["equal images"]
    if not draft.rejected:
        del lines["not usable"]
    if not selects(parameters.selection):
        del lines["select"]
    if not reuse.images + reuse.texts:
        del lines["reused"]
    for name, text in lines.items():
        click.echo(f"{name:<14} {text}")
    if calibrate:
        with console.status("loading the model and timing it"):
            resolved = draft.parameters.model_copy(update={"faithfulness": resolved_faithfulness(draft)})
            predicted = predict(replace(draft, parameters=resolved), reuse, opaque, load)
        for name, text in predicted.lines():
            click.echo(f"{name:<14} {text}")
    return DONE


def _measure_text(parameters: ExplainParameters, budget: Budget) -> str:
    asked, n_pairs = parameters.faithfulness, budget.measured_pairs_at_most
    if not asked.metrics or asked.sample == 0:
        return "nothing, as the spec says (section faithfulness)"
    if not n_pairs:
        return "no pair: one costs more than explaining all; faithfulness.sample=10 measures ten all the same"
    encodes = budget.measure_encodes_at_most
    return (
        f"at most {encodes:,} encodes for {', '.join(asked.metrics)} on at most {n_pairs:,} pairs"
        f"{_beside(budget, encodes)}"
    )


def _range(fewest: int, most: int) -> str:
    """Encodes of adaptive budgets: what each item starts with, and what it may get."""
    return f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"


def _beside(budget: Budget, encodes: int) -> str:
    """A cost in terms of that of explaining."""
    explaining = budget.image_encodes + budget.text_encodes
    return f", {encodes / max(explaining, 1):.1f} times those of explaining" if encodes else ""


def _pairs_line(pairs: PairParameters, budget: Budget) -> str:
    """What was asked for: numbers where they are known before retrieval."""
    parts = [f"{budget.n_positives:,} positives"] if pairs.positives else []
    parts += [f"{budget.n_listed:,} listed"] if pairs.listed else []
    parts += [f"{budget.n_contrasts:,} of contrasts"] if budget.n_contrasts else []
    parts += ["errors as they occur"] if pairs.errors else []
    parts += [f"the first {pairs.retrieved:,} of every query"] if pairs.retrieved else []
    parts += [f"the best {pairs.hard_negatives:,} wrong of every query"] if pairs.hard_negatives else []
    parts += [f"up to {budget.random_pairs_at_most:,} random"] if pairs.random else []
    sampled = "" if pairs.sample_queries is None else f"; of {pairs.sample_queries:,} queries"
    return f"{', '.join(parts[:-1])}, and {parts[-1]}{sampled}" if parts[1:] else f"{''.join(parts)}{sampled}"


def _opaque_line(parameters: ExplainParameters, opaque: OpaqueBudget) -> str:
    """What estimators of single pairs cost beside the encodes that are shared."""
    bound = "" if opaque.is_exact else "at most "
    cost = (
        f"{opaque.image_encodes:,} image encodes and {opaque.text_encodes:,} text encodes more"
        if parameters.opaque.reads_embeddings
        else f"{opaque.scores:,} scores"
    )
    return (
        f"{bound}{cost} by {parameters.opaque.scorer} on {bound}{opaque.n_pairs:,} pairs for "
        f"{', '.join(pair_estimators(parameters))}"
    )


def _state(draft: Draft) -> str:
    storage = draft.storage
    if read_commit(storage, draft.run_id, "finish", 0) is not None:
        return "finished already"
    return "started already" if storage.exists(plan_key(draft.run_id)) else "new"
