"""Forecast of what a new run reuses of earlier ones, before it is started."""

from dataclasses import dataclass

from ilime_core.modality import Modality
from tasks.planning.draft import Draft
from tasks.planning.reuse import choose_sources, find_embed_sources, known_contents
from tasks.run_files.committed import committed, read_rows
from tasks.run_files.finished_runs import finished_plans
from tasks.run_files.plan import effects_digest
from tasks.stages.explain_cost import scored_items
from tasks.storage.storage import Storage

__all__ = ["ReuseForecast", "forecast_reuse"]

Content = tuple[str, str]
"""Modality and fingerprint."""


@dataclass(frozen=True, slots=True)
class ReuseForecast:
    """Whole items that are known, and encodes that are not made again: those of items and of their masks."""

    images: int
    texts: int
    image_encodes: int
    text_encodes: int


def forecast_reuse(draft: Draft) -> ReuseForecast:
    """Count what the drafted run will reuse if every item is explained that the budget counts."""
    storage = draft.storage
    whole = [
        content
        for one in find_embed_sources(storage, draft.manifest, draft.embed_digest)
        for content in one.contents
    ]
    spared = _spared_encodes(storage, draft, _scored(draft))
    images, texts = (
        (
            sum(kind == modality.value for kind, _ in whole),
            sum(encodes for (kind, _), encodes in spared.items() if kind == modality.value),
        )
        for modality in Modality
    )
    return ReuseForecast(images[0], texts[0], images[0] + images[1], texts[0] + texts[1])


def _scored(draft: Draft) -> frozenset[Content]:
    items = scored_items(draft)
    known = [(Modality.IMAGE.value, fingerprint) for fingerprint in items.images.values()]
    known += [(Modality.TEXT.value, fingerprint) for fingerprint, _ in items.texts.values()]
    return frozenset(content for content in known if content[1])


def _spared_encodes(storage: Storage, draft: Draft, wanted: frozenset[Content]) -> dict[Content, int]:
    """Encodes of the masks of the items that the sources of the run have explained."""
    encodes: dict[str, dict[Content, int]] = {}

    def explained(run_id: str) -> frozenset[Content]:
        item_fits = read_rows(
            storage, committed(storage, run_id, "score").values(), "item_fits", ["item_id", "n_encodes"]
        )
        n_encodes = dict(zip(*(item_fits[name].to_pylist() for name in item_fits.column_names), strict=True))
        items = read_rows(
            storage,
            committed(storage, run_id, "embed").values(),
            "items",
            ["item_id", "modality", "fingerprint"],
        )
        encodes[run_id] = {
            (row["modality"], row["fingerprint"]): n_encodes[row["item_id"]]
            for row in items.to_pylist()
            if row["item_id"] in n_encodes
        }
        return frozenset(encodes[run_id])

    digest = effects_digest(draft.components)
    plans = (plan for plan in finished_plans(storage) if plan.effects_digest == digest)
    sources = choose_sources(wanted, known_contents(plans, wanted, explained))
    return {content: encodes[source.run_id][content] for source in sources for content in source.contents}
