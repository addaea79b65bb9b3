"""Keys across parts: each key once, and every id in the table that it refers to.

Parts are sorted and unique in themselves, and most leading ids (an item, a pair) lie in one part. Two parts
can share a key only where they share a leading id, and only those rows are compared.
"""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

import pyarrow as pa
import pyarrow.compute as pc

from tasks.run_files.commits import Part
from tasks.run_files.parts import is_increasing, read_part
from tasks.storage.storage import Storage
from tasks.tables import TABLES

__all__ = ["KeyLedger"]

_OWN = {"items": "item_id", "pairs": "pair_id"}
"""Tables whose ids are held in memory, and their keys: references to others are not checked."""


class KeyLedger:
    """Ids of all parts that were added; its size is that of the corpus, not of the tables."""

    def __init__(self) -> None:
        self._leading: dict[str, list[tuple[Part, pa.Array]]] = {}
        self._disorder: list[Part] = []
        self._ids: dict[tuple[str, str], list[tuple[Part, pa.Array]]] = {}

    def add(self, part: Part, rows: pa.Table) -> None:
        """Add the ids of a part.

        Parameters
        ----------
        part
            Part as its record describes it.
        rows
            All its rows.
        """
        key = TABLES[part.table].key
        if not is_increasing(rows.select(list(key))):
            self._disorder.append(part)
        self._leading.setdefault(part.table, []).append((part, pc.unique(rows.column(key[0]))))
        own = [_OWN[part.table]] if part.table in _OWN else []
        for column in (*own, *_targets(part.table)):
            place = self._ids.setdefault((part.table, column), [])
            place.append((part, pc.unique(rows.column(column)).drop_null()))

    def duplicates(self, storage: Storage) -> Iterator[tuple[str, str]]:
        """Parts with keys out of order or also in another part, with the problem in words."""
        for part in self._disorder:
            yield part.key, "has keys twice or out of order"
        for table, parts in self._leading.items():
            shared = _shared([ids for _, ids in parts])
            if not len(shared):
                continue
            spec = TABLES[table]
            keys: list[pa.Table] = []
            for part, ids in parts:
                if pc.any(pc.is_in(ids, shared)).as_py():
                    wanted = pc.field(spec.key[0]).isin(shared)
                    with storage.open(part.key) as stream:
                        rows = read_part(stream, spec, list(spec.key), wanted)
                    origin = pa.array([part.key] * rows.num_rows, pa.string())
                    keys.append(rows.append_column("part", origin))
            yield from _twice(pa.concat_tables(keys), list(spec.key))

    def dangling(self, incomplete: AbstractSet[str]) -> Iterator[tuple[str, str]]:
        """Parts with ids that are in no row of the table that they refer to, with one such id.

        Tables with missing parts are ``incomplete``: references to those cannot be checked.
        """
        for (table, column), parts in sorted(self._ids.items()):
            target = _targets(table).get(column)
            if target is None or target in incomplete:
                continue
            own = [ids for _, ids in self._ids.get((target, _OWN[target]), [])]
            known = pa.chunked_array(own, pa.string()).combine_chunks()
            for part, ids in parts:
                lost = ids.filter(pc.invert(pc.is_in(ids, known)))
                if len(lost):
                    yield part.key, f"{column} {lost[0].as_py()} is not in {target} ({len(lost)} such ids)"


def _targets(table: str) -> dict[str, str]:
    """Table whose ids a column holds, by column."""
    references = TABLES[table].references
    return {one.columns[0]: one.table for one in references if len(one.columns) == 1 and one.table in _OWN}


def _shared(arrays: list[pa.Array]) -> pa.Array:
    """Values that are in more than one of the arrays, each once."""
    counts = pc.value_counts(pa.chunked_array(arrays))
    return counts.field("values").filter(pc.greater(counts.field("counts"), 1))


def _twice(rows: pa.Table, key: list[str]) -> Iterator[tuple[str, str]]:
    groups = rows.group_by(key).aggregate([("part", "count"), ("part", "max")])
    several = groups.filter(pc.field("part_count") > 1)
    for part in pc.unique(several.column("part_max")).to_pylist():
        hits = several.filter(pc.field("part_max") == part)
        first = {name: hits.column(name)[0].as_py() for name in key}
        yield part, f"has the key {first}, which another part has too ({hits.num_rows} such keys)"
