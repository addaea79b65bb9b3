"""Exports of a run against its tables and views, and what they refuse.

Proves flows.commands.export, flows.actions.export, tasks.query.exports.rows, tasks.query.exports.files,
tasks.query.exports.csv_files, tasks.query.exports.hugging_face, tasks.query.exports.samples.
"""

import csv
import json
import shutil

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from ilime_core.errors import InputError
from tasks.query.database import Database
from tasks.query.exports import rows as rows_module
from tasks.query.exports.csv_files import without_formulas
from tasks.query.exports.files import export_place, new_file, refuse_existing
from tasks.query.exports.hugging_face import dataset_card, feature
from tasks.query.exports.rows import chosen_relations, pair_ranges, row_batches
from tasks.query.exports.samples import SAMPLE_COLUMNS, export_samples
from tasks.query.registry import VIEWS
from tasks.tables import TABLES

RELATIONS = TABLES | VIEWS


@pytest.fixture(scope="module")
def database(reference):
    with Database(reference) as opened:
        yield opened


def found(database, sql):
    return database.query(sql).read_all().to_pylist()


@pytest.fixture
def wide_fields():
    before = csv.field_size_limit(10**8)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("wide_fields")
def test_every_table_and_view_is_a_csv_file(reference, database, tmp_path, call):
    status, out, err = call("export", "csv", tmp_path / "sheets", "--root", reference.root)
    assert status == 0, err
    assert out.splitlines() == [f"wrote {tmp_path}/sheets/{name}.csv" for name in RELATIONS]
    for name, one in RELATIONS.items():
        with (tmp_path / "sheets" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream)
        assert head == [column.name for column in one.columns]
        [counted] = found(database, f"SELECT count(*) AS n FROM {name}")
        assert len(rows) == counted["n"], name
        if name == "pairs":
            assert {row[0] for row in rows} == set(reference.table("pairs")["pair_id"].to_pylist())
        if name == "factors":
            vectors = reference.table("factors")["left_vector"].to_pylist()
            read = sorted(json.loads(row[head.index("left_vector")]) for row in rows)
            assert read == sorted(vectors)


def test_texts_that_are_formulas_to_a_spreadsheet_are_marked():
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=b", "", None, "'=1"]
    answer = pa.table({"caption": texts, "n": [-1.5] * len(texts)}).to_reader()
    rows = without_formulas(answer).read_all()
    marked = ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=b", "", None, "'=1"]
    assert rows["caption"].to_pylist() == marked
    assert set(rows["n"].to_pylist()) == {-1.5}


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_ranges_hold_every_pair_once_and_change_no_row(database, reference, monkeypatch, at_once):
    monkeypatch.setattr(rows_module, "PAIRS_AT_ONCE", at_once)
    n_pairs = reference.table("pairs").num_rows
    ranges = pair_ranges(database)
    assert len(ranges) == -(-n_pairs // at_once)
    counts = [found(database, f"SELECT count(*) AS n FROM pairs WHERE {one}")[0]["n"] for one in ranges]
    assert sum(counts) == n_pairs
    assert max(counts) <= at_once
    for name in ("matches", "word_effects", "hubs"):
        ours = row_batches(database, name).read_all().to_pylist()
        theirs = found(database, f"FROM {name}")
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs))


def test_a_dataset_has_a_configuration_for_each_table_with_rows(
    reference, database, tmp_path, call, monkeypatch
):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    folder = tmp_path / "dataset"
    status, _, err = call("export", "hf", folder, "--root", reference.root, "--license", "cc-by-4.0")
    assert status == 0, err
    head = (folder / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    card = yaml.safe_load(head)
    assert card["license"] == "cc-by-4.0"
    filled = [name for name in RELATIONS if found(database, f"SELECT count(*) AS n FROM {name}")[0]["n"]]
    assert [one["config_name"] for one in card["configs"]] == filled
    assert [one["config_name"] for one in card["configs"] if one.get("default")] == ["pairs"]
    features = {one["config_name"]: one["features"] for one in card["dataset_info"]}
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["README.md", *(one["data_files"] for one in card["configs"])]
    )
    for name in filled:
        stored = pq.read_table(folder / f"{name}.parquet")
        assert stored.num_rows == found(database, f"SELECT count(*) AS n FROM {name}")[0]["n"]
        assert [one["name"] for one in features[name]] == stored.column_names
        loaded = datasets.load_dataset(str(folder), name, cache_dir=str(tmp_path / "cache"))["train"]
        assert loaded.num_rows == stored.num_rows
        assert loaded.column_names == stored.column_names
    own = pq.read_table(folder / "effects.parquet").sort_by(
        [("item_id", "ascending"), ("segment", "ascending")]
    )
    order = [("item_id", "ascending"), ("segment", "ascending")]
    assert own["effect"].to_pylist() == reference.table("effects").sort_by(order)["effect"].to_pylist()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (pa.string(), {"dtype": "string"}),
        (pa.float32(), {"dtype": "float32"}),
        (pa.float64(), {"dtype": "float64"}),
        (pa.bool_(), {"dtype": "bool"}),
        (pa.binary(), {"dtype": "binary"}),
        (pa.timestamp("us", tz="UTC"), {"dtype": "timestamp[us, tz=UTC]"}),
        (pa.list_(pa.float32()), {"list": "float32"}),
        (pa.list_(pa.struct({"key": pa.string()})), {"list": [{"name": "key", "dtype": "string"}]}),
    ],
)
def test_features_are_named_as_a_card_names_them(kind, said):
    assert feature(pa.field("x", kind)) == {"name": "x"} | said


def test_a_card_shows_texts_of_others_as_code():
    run = {"label": "a`b\n---\n# <b>title</b>", "model": "m", "pretrained": None, "corpus": "c"}
    card = dataset_card("r0", run, {"pairs": TABLES["pairs"].schema}, "x: y")
    assert card.count("\n---\n") == 1
    assert "- label: `a b --- # <b>title</b>`\n" in card
    assert yaml.safe_load(card.split("---\n")[1])["license"] == "x: y"


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_samples_have_the_strongest_word_of_each_region(
    reference, database, tmp_path, call, form, monkeypatch
):
    monkeypatch.setattr(rows_module, "PAIRS_AT_ONCE", 3)
    path = tmp_path / f"samples.{form}"
    status, out, err = call("export", "samples", path, "--root", reference.root)
    assert status == 0, err
    samples = pq.read_table(path).to_pylist() if form == "parquet" else json.loads(path.read_text())
    pairs = found(database, "FROM named_pairs")
    items = {row["item_id"]: row for row in reference.table("items").to_pylist()}
    segments = {(row["item_id"], row["segment"]): row for row in reference.table("segments").to_pylist()}
    cells = found(database, "FROM matches")
    left = {row["pair_id"]: row["left_id"] for row in pairs}
    assert [row["item_id"] for row in samples] == sorted(set(left.values()))
    assert f"({len(samples)} images)" in out
    for row in samples:
        assert list(row) == [column.name for column in SAMPLE_COLUMNS]
        item = items[row["item_id"]]
        assert (row["file"], row["width"], row["height"]) == (item["uri"], item["width"], item["height"])
        own = sorted(
            (one for one in pairs if one["left_id"] == row["item_id"]),
            key=lambda one: (-one["score"], one["pair_id"]),
        )
        assert row["pair_ids"] == [one["pair_id"] for one in own]
        assert row["captions"] == [one["caption"] for one in own]
        assert row["relations"] == [one["relation"] for one in own]
        for n, region in enumerate(row["regions"]):
            box = segments[row["item_id"], region]
            x, y, width, height = row["boxes"][n]
            assert x * row["width"] == pytest.approx(box["bbox_x"], abs=1e-4)
            assert height * row["height"] == pytest.approx(box["bbox_height"], abs=1e-4)
            assert row["corner_boxes"][n] == pytest.approx([x, y, x + width, y + height], abs=1e-6)
            its = [one for one in cells if left[one["pair_id"]] == row["item_id"] and one["region"] == region]
            best = max(its, key=lambda one: (one["is_positive"], one["weight"]))
            assert row["strongest_weights"][n] == best["weight"]
            assert row["strongest_words"][n] == best["word"]
            assert row["strongest_pair_ids"][n] == best["pair_id"]
            assert row["strongest_p_adjusted"][n] == pytest.approx(best["p_adjusted"])
    assert any(len(row["regions"]) > 3 for row in samples)


def test_samples_have_the_schema_that_is_documented(database, tmp_path):
    assert export_samples(database, tmp_path / "s.parquet") > 1
    schema = pq.read_schema(tmp_path / "s.parquet")
    assert {field.name: field.type for field in schema} == {one.name: one.type for one in SAMPLE_COLUMNS}
    with pytest.raises(InputError, match=r"\.parquet or \.json"):
        export_samples(database, tmp_path / "s.csv")


@pytest.mark.parametrize("form", ["csv", "hf"])
def test_files_are_replaced_only_when_told(reference, tmp_path, call, form):
    folder = tmp_path / "out"
    folder.mkdir()
    name = "pairs.csv" if form == "csv" else "README.md"
    (folder / name).write_text("mine")
    words = ("export", form, folder, "--root", reference.root, "--only", "pairs")
    status, _, err = call(*words)
    assert status == 2
    assert f"{folder / name} exists: --force replaces it" in err
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "mine"
    assert call(*words, "--force")[0] == 0
    assert (folder / name).read_text() != "mine"


def test_a_link_is_replaced_and_its_target_left_alone(reference, tmp_path, call):
    (tmp_path / "outside.csv").write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "pairs.csv").symlink_to(tmp_path / "outside.csv")
    words = ("export", "csv", folder, "--root", reference.root, "--only", "pairs")
    assert call(*words)[0] == 2
    assert call(*words, "--force")[0] == 0
    assert (tmp_path / "outside.csv").read_text() == "mine"
    assert not (folder / "pairs.csv").is_symlink()


def test_names_and_places_are_checked(reference, tmp_path, call):
    assert chosen_relations(["matches", "pairs"]) == ["pairs", "matches"]
    status, _, err = call("export", "csv", tmp_path, "--root", reference.root, "--only", "../pairs")
    assert status == 2
    assert "no table or view is called '../pairs'" in err
    with pytest.raises(InputError, match="did you mean 'matches'"):
        chosen_relations(["match"])
    with pytest.raises(InputError, match="exports are written to this machine"):
        export_place("s3://bucket/folder")
    (tmp_path / "pairs.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        refuse_existing([tmp_path / "pairs.csv"], force=True)


def test_a_file_that_was_not_finished_does_not_exist(tmp_path):
    def stopped():
        with new_file(tmp_path / "x.csv") as stream:
            stream.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        stopped()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"), new_file(tmp_path / "file" / "x.csv"):
        pass


def test_a_damaged_part_leaves_no_file(reference, tmp_path, call):
    root = tmp_path / "copy"
    shutil.copytree(reference.root, root)
    part = next((root / "factors").rglob("part-fit-*.parquet"))
    data = part.read_bytes()
    part.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    status, _, err = call("export", "csv", tmp_path / "out", "--root", root, "--only", "factors")
    assert status == 3
    assert "factors" in err
    assert list((tmp_path / "out").iterdir()) == []


def test_help_of_each_form_has_examples(call):
    for form in ("csv", "hf", "samples"):
        status, out, _ = call("export", form, "--help")
        assert status == 0
        assert f"  ilime export {form} " in out
