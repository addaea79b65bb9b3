"""Frozen plan of a run: every later start takes it as given."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, field_validator

from ilime_core.errors import InputError, InternalError
from ilime_core.segmentation.lexicon import Lexicon
from tasks.corpora.corpus import Tags
from tasks.corpora.lexicon_file import LEXICON_SCHEMA, lexicon_of
from tasks.corpora.named_pairs import PAIR_SCHEMA
from tasks.run_files.commits import Commit, Failure
from tasks.run_files.committed import read_commits
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import commit_key, plan_key, run_id_of
from tasks.run_files.plan_files import PLAN, read_named_table, read_plan_file
from tasks.run_files.suggested_commands import ilime_command
from tasks.spec import ExplainParameters
from tasks.storage.storage import MissingFileError, Storage

__all__ = [
    "MANIFEST_SCHEMA",
    "REGIONS_SCHEMA",
    "REJECTED_SCHEMA",
    "TAGS_SCHEMA",
    "EmbedBlock",
    "OpenRun",
    "ResolvedModel",
    "RunPlan",
    "digest",
    "effects_digest",
    "embed_digest",
    "open_run_plan",
]

MANIFEST_SCHEMA = pa.schema(
    [
        pa.field("entry", pa.int32(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("uri", pa.string(), nullable=False),
        pa.field("uri_member", pa.string()),
        pa.field("uri_offset", pa.int64()),
        pa.field("uri_size", pa.int64()),
        pa.field("external_id", pa.string(), nullable=False),
        pa.field("text", pa.string()),
        pa.field("fingerprint", pa.string()),
        pa.field("left", pa.bool_(), nullable=False),
        pa.field("right", pa.bool_(), nullable=False),
        pa.field("block", pa.int32(), nullable=False),
    ]
)

REJECTED_SCHEMA = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("reason", "message", "uri")]
)

TAGS_SCHEMA = pa.schema(
    [
        pa.field("entry", pa.int32(), nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in ("tag", "value")),
    ]
)

REGIONS_SCHEMA = pa.schema([pa.field("file", pa.string(), nullable=False), ("fingerprint", pa.string())])


class Record(BaseModel):
    """Base of what is stored as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ResolvedModel(Record):
    """Device and precision, ``auto`` resolved when the run was planned, and the model's fingerprint."""

    device: str
    precision: str
    fingerprint: str


class EmbedBlock(Record):
    """Entries of one modality that are embedded and committed together."""

    block: int
    modality: str
    n_entries: int
    source_run: str | None
    """Earlier run whose rows are reused instead of encoding."""


class RunPlan(Record):
    """Everything that fixes the numbers of a run."""

    run_id: str
    label: str
    created: str
    parameters: ExplainParameters
    model: ResolvedModel
    dataset_colour: tuple[int, int, int] | None
    components: dict[str, str]
    """Digests that the run id is made of, by name: they show in what two runs differ."""
    n_images: int
    n_texts: int
    manifest: str
    """Name of the manifest file: it contains a digest, so that two planners cannot mix theirs."""
    relevance: str
    embed_blocks: tuple[EmbedBlock, ...]
    scorer: str = ""
    """Fingerprint of a scorer of pairs that has a model of its own."""
    rejected: str = ""
    """Name of the table of corpus entries that cannot be used; empty where there are none."""
    n_rejected: int = 0
    regions: str = ""
    """Name of the table of fingerprints of given regions; empty where regions are cut."""
    named: str = ""
    """Name of the table of ``pairs.listed``; empty where none are."""
    tags: str = ""
    """Name of the table of tags; empty where no entry has one."""
    lexicon: str = ""
    """Name of the table of ``segmentation.text.lexicon``; empty for the packaged lexicon."""
    contrasts: str = ""  # likewise; empty where the corpus has none
    objects: str = ""  # likewise; empty where no image has one

    @field_validator("parameters", mode="before")
    @classmethod
    def _without_storage(cls, parameters: object) -> object:
        """Plans were once written with an empty section ``storage``."""
        if not isinstance(parameters, Mapping):
            return parameters
        return {name: section for name, section in parameters.items() if name != "storage"}

    @property
    def n_entries(self) -> int:
        """Entries of the corpus: usable items, equal contents counted once, and what was rejected."""
        return self.n_images + self.n_texts + self.n_rejected

    @property
    def embed_digest(self) -> str:
        """Equal where whole-item embeddings may be reused."""
        return embed_digest(self.components)

    @property
    def effects_digest(self) -> str:
        """Equal where segments, embeddings and effects may be reused."""
        return effects_digest(self.components)


class OpenRun:
    """Frozen plan of a run with its manifest and storage; shared by all tasks of a process."""

    def __init__(self, root: str, run_id: str) -> None:
        self.root = root
        self.run_id = run_id
        self.storage = Storage(root)
        self._commits: dict[tuple[str, int], Commit] = {}
        try:
            self.plan, sha256 = read_plan_file(self.storage, run_id, PLAN, RunPlan)
        except MissingFileError as error:
            listing = ilime_command("runs", root)
            raise InputError(f"{root}: no run {run_id} here; `{listing}` lists them") from error
        made = run_id_of(self.plan.components)
        if (self.plan.run_id, made) != (run_id, run_id):
            reason = f"it is the plan of {self.plan.run_id}, and its components make {made}"
            raise DamageError.of(self.storage.url, plan_key(run_id), reason)
        self._files: dict[str, str] = {PLAN: sha256}

    def file_digest(self, name: str) -> str:
        """SHA-256 of a plan file, by which records name it; computed once a process."""
        if name not in self._files:
            data = self.storage.read_bytes(plan_key(self.run_id, name))
            self._files[name] = hashlib.sha256(data).hexdigest()
        return self._files[name]

    def commits(self, stage: str, blocks: Iterable[int]) -> list[Commit]:
        """Read records of committed blocks, each once a process, because a record never changes.

        Parameters
        ----------
        stage
            Stage of the blocks.
        blocks
            Block numbers.

        Returns
        -------
        list of Commit
            In the order of ``blocks``.

        Raises
        ------
        InternalError
            If one of them is not committed.
        DamageError
            If one of them was made under another plan.
        """
        wanted = list(blocks)
        unread = [block for block in wanted if (stage, block) not in self._commits]
        for block, commit in read_commits(self.storage, self.run_id, stage, unread).items():
            if commit is None:
                raise InternalError(f"run {self.run_id}: block {block} of stage {stage} is not committed")
            if commit.facts.files.get(PLAN, self._files[PLAN]) != self._files[PLAN]:
                key = commit_key(self.run_id, stage, block)
                raise DamageError.of(
                    self.storage.url, key, f"it was made under another {PLAN} than the stored one"
                )
            self._commits[stage, block] = commit
        return [self._commits[stage, block] for block in wanted]

    @cached_property
    def manifest(self) -> pa.Table:
        """Rows of MANIFEST_SCHEMA."""
        return read_named_table(self.storage, self.run_id, self.plan.manifest)

    @cached_property
    def relevance(self) -> pa.Table:
        """Columns left and right: manifest entries that the corpus calls a match."""
        return read_named_table(self.storage, self.run_id, self.plan.relevance)

    @cached_property
    def named(self) -> pa.Table:
        """Pairs of ``pairs.listed``, like ``relevance``."""
        if not self.plan.named:
            return PAIR_SCHEMA.empty_table()
        return read_named_table(self.storage, self.run_id, self.plan.named)

    @cached_property
    def tags(self) -> dict[int, Tags]:
        """Tags of the manifest's entries; those without any are left out."""
        found: defaultdict[int, Tags] = defaultdict(tuple)
        if self.plan.tags:
            for row in read_named_table(self.storage, self.run_id, self.plan.tags).to_pylist():
                found[row["entry"]] += ((row["tag"], row["value"]),)
        return dict(found)

    @cached_property
    def lexicon(self) -> Lexicon:
        """Classes of words: those of ``segmentation.text.lexicon`` when the run was planned."""
        if not self.plan.lexicon:
            return lexicon_of(LEXICON_SCHEMA.empty_table())
        return lexicon_of(read_named_table(self.storage, self.run_id, self.plan.lexicon))

    @cached_property
    def regions(self) -> dict[str, str | None]:
        """Fingerprints of the files of given regions by name; empty where regions are cut."""
        if not self.plan.regions:
            return {}
        rows = read_named_table(self.storage, self.run_id, self.plan.regions).to_pylist()
        return {row["file"]: row["fingerprint"] for row in rows}

    @cached_property
    def rejected(self) -> tuple[Failure, ...]:
        """Entries of the corpus that cannot be used, as failures of the stage ``plan``."""
        if not self.plan.rejected:
            return ()
        rows = read_named_table(self.storage, self.run_id, self.plan.rejected).to_pylist()
        return tuple(
            Failure("plan", number, None, row["reason"], row["message"], row["uri"])
            for number, row in enumerate(rows)
        )


@lru_cache(maxsize=8)
def open_run_plan(root: str, run_id: str) -> OpenRun:
    """Open a run, once a process, because its plan never changes.

    Parameters
    ----------
    root
        Output.
    run_id
        Id of the run.

    Returns
    -------
    OpenRun
        Cached: the same object for the same arguments.
    """
    return OpenRun(root, run_id)


def embed_digest(components: dict[str, str]) -> str:
    """Digest of everything but the item that whole-item embeddings depend on."""
    return digest({name: components[name] for name in ("model", "precision", "numerics_embed")})


def effects_digest(components: dict[str, str]) -> str:
    """Digest of everything but the item that segments, embeddings and effects depend on."""
    names = ("segmentation", "perturbation", "estimators", "seed", "numerics_segment", "numerics_score")
    return digest({name: components[name] for name in names} | {"embed": embed_digest(components)})


def digest(value: object) -> str:
    """Hex sha256 of canonical JSON, for digests of parameters."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
