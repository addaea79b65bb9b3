"""One corpus in three layouts gives one set of numbers, whether its images are files, members or rows."""

import io
import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs
from tasks.figures.pair_picture import read_pair
from tasks.report.choice import choose_shown_pairs
from tasks.report.terminal import match_lines


@pytest.fixture(scope="module")
def samples(benchmark):
    """Bytes and captions of every picture of the tiny benchmark."""
    images = json.loads(benchmark.annotations.read_text())["images"]
    return [
        ((benchmark.images / one["filename"]).read_bytes(), [said["raw"] for said in one["sentences"]])
        for one in images
    ]


def as_shards(samples, folder):
    for number in range(2):
        with tarfile.open(folder / f"{number:05d}.tar", "w") as tar:
            for key, (data, captions) in list(enumerate(samples))[2 * number : 2 * number + 2]:
                described = json.dumps({"caption": captions, "status": "success"}).encode()
                for name, content in ((f"{key:04d}.png", data), (f"{key:04d}.json", described)):
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
    return {"format": "webdataset", "images": f"{folder}/{{00000..00001}}.tar", "split": "all"}


def as_parquet(samples, folder):
    for number in range(2):
        own = samples[2 * number : 2 * number + 2]
        columns = {
            "image": [{"bytes": data, "path": None} for data, _ in own],
            "caption": [captions for _, captions in own],
        }
        pq.write_table(pa.table(columns), folder / f"test-{number:05d}-of-00002.parquet", row_group_size=1)
    return {"format": "parquet", "images": str(folder)}


@pytest.mark.parametrize(
    ("packed", "title"), [(as_shards, "0001.png"), (as_parquet, "test-00000-of-00002.parquet row 1")]
)
def test_a_packed_corpus_gives_the_numbers_of_its_files(
    benchmark, reference, samples, tmp_path, packed, title
):
    (tmp_path / "corpus").mkdir()
    corpus = packed(samples, tmp_path / "corpus")
    outcome = explain(benchmark.spec(tmp_path / "tables") | {"corpus": corpus})
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    report = diff_runs(reference, run)
    assert report.bitwise, report.lines
    places = {(row["uri"], row["uri_member"]) for row in run.table("items").to_pylist()}
    assert len(places) == run.table("items").num_rows
    chosen = choose_shown_pairs(run, image=title)
    assert match_lines(read_pair(run, chosen[0]))[0].startswith(f"{title}: ")
    picture = read_pair(run, chosen[0]).image
    assert (picture.title, picture.problem) == (title, "")
