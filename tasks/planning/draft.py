"""From a spec to a frozen plan: manifest, resolved model, ids and embed blocks; no weights are loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from ilime_core.modality import Modality
from ilime_core.numerics import NUMERICS
from tasks.corpora.caption_edits import with_edits
from tasks.corpora.contrasts import CONTRAST_SCHEMA, planned_contrast_table
from tasks.corpora.corpus import Corpus, ImageEntry
from tasks.corpora.images.dataset_colour import dataset_colour
from tasks.corpora.lexicon_file import LEXICON_SCHEMA, read_lexicon_table
from tasks.corpora.named_pairs import PAIR_SCHEMA, read_named_pairs, rows_by_id
from tasks.corpora.object_table import OBJECT_SCHEMA, object_table
from tasks.corpora.regions.given_regions import GivenPlaces, given_fingerprints
from tasks.corpora.registry import open_corpus
from tasks.corpora.rejections import Rejection
from tasks.planning.embed_blocks import assign_embed_blocks
from tasks.planning.later_stages import check_later_stages
from tasks.planning.manifest import list_items, merged_line
from tasks.planning.opaque_checks import check_opaque, opaque_digest
from tasks.planning.reuse import find_embed_sources
from tasks.process.models import resolve_model
from tasks.process.scorers import resolve_scorer
from tasks.run_files.match_plan import write_named_table
from tasks.run_files.naming import plan_folder, plan_key, run_id_of
from tasks.run_files.plan import (
    REGIONS_SCHEMA,
    REJECTED_SCHEMA,
    TAGS_SCHEMA,
    OpenRun,
    ResolvedModel,
    RunPlan,
    digest,
    embed_digest,
    open_run_plan,
)
from tasks.run_files.plan_files import PLAN, create_plan_file
from tasks.run_files.pruning import clear_remains
from tasks.spec import ExplainParameters, ModelParameters, OpaqueParameters
from tasks.spec.estimator_kinds import item_estimators, pair_estimators
from tasks.spec.relative_paths import check_places
from tasks.storage.storage import Storage
from tasks.tables import REPEATED

__all__ = ["Draft", "draft_plan", "freeze_plan"]

_PLACES = ["external_id", "uri_offset", "uri_size"]
"""Columns that say how an item is found and not what it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A plan before its blocks: what the run id is made of."""

    parameters: ExplainParameters
    """Spec without section ``storage``: plans contain it."""
    storage: Storage
    """Storage of the output."""
    run_id: str
    components: dict[str, str]
    manifest: pa.Table
    """MANIFEST_SCHEMA without ``block``."""
    relevance: pa.Table
    model: ResolvedModel
    dataset_colour: tuple[int, int, int] | None
    scorer: str = ""
    """Fingerprint of a scorer of pairs that has a model of its own."""
    rejected: tuple[Rejection, ...] = ()
    """Entries of the corpus that cannot be used."""
    regions: pa.Table = field(default_factory=REGIONS_SCHEMA.empty_table)
    """Fingerprints of the files of given regions."""
    named: pa.Table = field(default_factory=PAIR_SCHEMA.empty_table)
    """Pairs of ``pairs.listed``, like ``relevance``."""
    lexicon: pa.Table = field(default_factory=LEXICON_SCHEMA.empty_table)
    """Lexicon of the user's own; no rows for the packaged one."""
    contrasts: pa.Table = field(default_factory=CONTRAST_SCHEMA.empty_table)
    """Contrasts of the corpus; queries and candidates are entries of the manifest."""

    tags: pa.Table = field(default_factory=TAGS_SCHEMA.empty_table)
    """Tags of the manifest's entries."""
    objects: pa.Table = field(default_factory=OBJECT_SCHEMA.empty_table)
    """Objects of ``corpus.object_column``; entries are those of the manifest."""
    merged: str = ""
    """Sentence on images of equal content, for people."""

    @property
    def embed_digest(self) -> str:
        """Equal where whole-item embeddings may be copied."""
        return embed_digest(self.components)


def draft_plan(
    parameters: ExplainParameters,
    resolve: Callable[[ModelParameters], ResolvedModel] = resolve_model,
    resolve_pairs: Callable[[OpaqueParameters], str] = resolve_scorer,
) -> Draft:
    """List the corpus, resolve the model and derive the run id.

    Parameters
    ----------
    parameters
        The spec.
    resolve
        Replaces ``auto`` and takes the model's fingerprint; on a worker, where only workers have the model.
    resolve_pairs
        Takes the fingerprint of a scorer of pairs, likewise.

    Returns
    -------
    Draft
        The draft; nothing is written yet.

    Raises
    ------
    InputError
        If the corpus has no pairs or cannot be read, or the model cannot be resolved.
    """
    check_places(parameters)
    corpus = with_edits(open_corpus(parameters.corpus), parameters.corpus.edits, parameters.seed)
    manifest, relevance, entries, tags = list_items(corpus)
    contrasts = planned_contrast_table(corpus.contrasts, *entries)
    objects = object_table(corpus, *entries)
    sides = zip((corpus.left, corpus.right), entries, strict=True)
    ids = [rows_by_id(side, rows) for side, rows in sides]
    named = read_named_pairs(parameters.pairs.listed, *ids)
    lexicon = read_lexicon_table(parameters.segmentation.text.lexicon)
    model = resolve(parameters.model)
    check_later_stages(parameters, resolve)
    colour = None
    if parameters.perturbation.image_baseline == "dataset_mean":
        colour = dataset_colour(corpus, parameters.seed)
    regions = _given_regions(parameters, corpus)
    dumped = parameters.model_dump(mode="json")
    listing = digest(named.to_pylist()) if named.num_rows else ""
    scorer = ""
    if pair_estimators(parameters):
        check_opaque(parameters, manifest, relevance)
        scorer = resolve_pairs(parameters.opaque)
    components = {
        "corpus": digest(manifest.drop_columns(_PLACES).to_pylist()),
        "relevance": digest(relevance.to_pylist()),
        "model": model.fingerprint,
        "precision": model.precision,
        **_segmentation_digests(parameters, regions),
        "perturbation": digest([parameters.perturbation.identity(), colour]),
        "estimators": digest([sorted(item_estimators(parameters)), parameters.estimation.identity()]),
        # Of the listed pairs it is the content that counts, and not where the list lies.
        "pairs": digest(parameters.pairs.identity() | {"listed": listing}),
        "seed": str(parameters.seed),
    } | {f"numerics_{stage}": str(NUMERICS[stage]) for stage in NUMERICS if stage in _computed(parameters)}
    if pair_estimators(parameters):
        components["opaque"] = opaque_digest(parameters, scorer)
    if tags.num_rows:
        components["tags"] = digest([tags.to_pylist(), dumped["summary"]])
    if lexicon.num_rows:
        components["lexicon"] = digest(lexicon.to_pylist())
    if objects.num_rows:
        components["objects"] = digest(objects.to_pylist())
    if contrasts.num_rows:
        components["contrasts"] = digest(contrasts.to_pylist())
    if corpus.rejected:  # table failures reports them; their messages name places, which are no content
        components["rejected"] = digest([(one.reason.value, one.uri) for one in corpus.rejected])
    return Draft(
        parameters=parameters,
        storage=Storage(parameters.output),
        run_id=run_id_of(components),
        components=components,
        manifest=manifest,
        relevance=relevance,
        model=model,
        dataset_colour=colour,
        scorer=scorer,
        rejected=tuple(corpus.rejected),
        regions=regions,
        named=named,
        lexicon=lexicon,
        tags=tags,
        contrasts=contrasts,
        objects=objects,
        merged=merged_line(corpus, entries),
    )


def freeze_plan(draft: Draft) -> OpenRun:
    """Write the plan create-only, or take the one that an earlier start froze."""
    root, run_id = draft.parameters.output, draft.run_id
    storage = draft.storage
    storage.check_writable(plan_folder(run_id))
    if not storage.exists(plan_key(run_id)):
        clear_remains(storage, run_id)
        encodes = draft.parameters.blocks
        sizes = {Modality.IMAGE.value: encodes.image_encodes, Modality.TEXT.value: encodes.text_encodes}
        manifest, blocks = assign_embed_blocks(
            draft.manifest, sizes, find_embed_sources(storage, draft.manifest, draft.embed_digest)
        )
        names = [
            write_named_table(storage, run_id, name, table)
            for name, table in (("manifest", manifest), ("relevance", draft.relevance))
        ]
        further = {
            name: write_named_table(storage, run_id, name, table) if table.num_rows else ""
            for name, table in (
                ("rejected", _rejected_table(draft.rejected)),
                ("regions", draft.regions),
                ("named", draft.named),
                ("lexicon", draft.lexicon),
                ("tags", draft.tags),
                ("contrasts", draft.contrasts),
                ("objects", draft.objects),
            )
        }
        modalities = draft.manifest.column("modality").to_pylist()
        plan = RunPlan(
            run_id=run_id,
            label=draft.parameters.label,
            created=datetime.now(UTC).isoformat(),
            parameters=draft.parameters,
            model=draft.model,
            dataset_colour=draft.dataset_colour,
            components=draft.components,
            n_images=modalities.count(Modality.IMAGE),
            n_texts=modalities.count(Modality.TEXT),
            manifest=names[0],
            relevance=names[1],
            embed_blocks=blocks,
            scorer=draft.scorer,
            n_rejected=len(draft.rejected),
            **further,
        )
        create_plan_file(storage, run_id, PLAN, plan)
    return open_run_plan(root, run_id)


def _rejected_table(rejected: Sequence[Rejection]) -> pa.Table:
    rows = [{"reason": one.reason.value, "message": one.message, "uri": one.uri} for one in rejected]
    return pa.Table.from_pylist(rows, schema=REJECTED_SCHEMA)


def _given_regions(parameters: ExplainParameters, corpus: Corpus) -> pa.Table:
    """Files that hold the regions of all images; no rows where regions are cut."""
    if parameters.segmentation.image.method != "given":
        return REGIONS_SCHEMA.empty_table()
    images = [
        entry for side in (corpus.left, corpus.right) for entry in side if isinstance(entry, ImageEntry)
    ]
    image = parameters.segmentation.image
    places = GivenPlaces(image.label_maps, image.label_names)
    found = given_fingerprints(places, parameters.corpus, images)
    return pa.table({"file": list(found), "fingerprint": list(found.values())}, REGIONS_SCHEMA)


def _segmentation_digests(parameters: ExplainParameters, regions: pa.Table) -> dict[str, str]:
    """Digest of segmentation; of given regions the content enters, and not their place.

    Digests of given regions are a component of their own: items whose regions are unchanged are reused.
    So is that of the lexicon, on which no segment depends. Names of labels are contents of given regions.
    """
    dumped = parameters.segmentation.model_dump(mode="json", by_alias=True)
    dumped["text"].pop("lexicon")
    dumped["image"].pop("label_names")
    if parameters.segmentation.image.method != "given":
        return {"segmentation": digest(dumped)}
    dumped["image"].pop("masks")
    return {"segmentation": digest(dumped), "regions": digest(regions["fingerprint"].to_pylist())}


def _computed(parameters: ExplainParameters) -> frozenset[str]:
    """Stages whose numbers are a run's own: those of all pairs only where these are asked for."""
    unasked = () if parameters.pairs.all else ("sweep", "gather")
    return frozenset(NUMERICS) - {*REPEATED, *unasked}
