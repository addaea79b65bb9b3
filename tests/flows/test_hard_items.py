"""Items that cannot be explained get a row each and harm nobody; strange ones that can are explained."""

import io

import numpy as np
import pytest
from every import every
from PIL import Image
from tiny_benchmark import Benchmark, explain, picture, run_of

from ilime_core.pictures.decoding import label_map_from_png

LONG = " ".join(f"word{n}" for n in range(1000))
CAPTIONS = {
    "emoji": "a 👩‍👩‍👧 family with 🇫🇷 flags 🎉",
    "right-to-left": "كلب أسود يجري على العشب",
    "chinese": "一只猫坐在红色的沙发上",
    "html": "<script>alert(1)</script> & <b>bold</b> cat",
    "markdown": "# [cat](javascript:alert(1)) | *dog* `code`",
    "escapes": "a cat \x1b[31mred\x1b[0m \x07 bell \u202e reversed",
    "newlines": "a cat\n\ton a\r\nmat",
    "one-word": "cat",
    "long": LONG,
}


def saved(image, **options):
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


def strange_pictures():
    """One scene in the forms in which pictures come."""
    scene, _ = picture(7, 60, 44)
    exif = Image.Exif()
    exif[274] = 6
    grey = np.asarray(scene.convert("L")).astype(np.uint16) * 257
    alpha = scene.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(scene.size))
    return {
        "alpha.png": saved(alpha, format="PNG"),
        "palette.gif": saved(scene.convert("P"), format="GIF"),
        "deep.png": saved(Image.fromarray(grey), format="PNG"),
        "cmyk.jpg": saved(scene.convert("CMYK"), format="JPEG"),
        "rotated.jpg": saved(scene, format="JPEG", exif=exif, quality=95),
        "thin.png": saved(scene.resize((200, 1)), format="PNG"),
        "dot.png": saved(scene.resize((1, 1)), format="PNG"),
        "späce ünd 图.png": saved(scene.rotate(180), format="PNG"),
    }


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A run over strange pictures and captions, all of which must simply work."""
    corpus = Benchmark(tmp_path_factory.mktemp("strange") / "corpus")
    corpus.images.mkdir(parents=True)
    captions = list(CAPTIONS.values())
    pictures = strange_pictures()
    for name, data in pictures.items():
        (corpus.images / name).write_bytes(data)
    (corpus.images / "twin.png").write_bytes(pictures["alpha.png"])
    entries = {name: [captions[n], "the same caption for all"] for n, name in enumerate(pictures)}
    corpus.write(entries | {"twin.png": captions[len(pictures) :]})
    spec = corpus.spec(corpus.folder.parent / "tables", faithfulness={"sample": 2})
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def test_everything_strange_is_explained(strange):
    assert strange.table("failures").num_rows == 0
    items = strange.table("items").to_pylist()
    explained = set(strange.table("item_fits")["item_id"].to_pylist())
    pairs = {
        (row["left_id"], row["right_id"]) for row in strange.table("pairs").to_pylist() if row["is_positive"]
    }
    assert {row["item_id"] for row in items} == explained
    texts = {row["text"]: row["item_id"] for row in items if row["modality"] == "text"}
    assert texts.keys() == {*CAPTIONS.values(), "the same caption for all"}
    same = texts["the same caption for all"]
    assert len([pair for pair in pairs if pair[1] == same]) == len(strange_pictures())
    fitted = set(strange.table("fits")["pair_id"].to_pylist())
    assert fitted == set(strange.table("pairs")["pair_id"].to_pylist())


def test_the_same_picture_under_two_names_is_one_item(strange):
    rows = [row for row in strange.table("items").to_pylist() if row["modality"] == "image"]
    assert len(rows) == len(strange_pictures())
    [twin] = [row for row in rows if row["uri"] in {"alpha.png", "twin.png"}]
    mine = [
        row
        for row in strange.table("pairs").to_pylist()
        if row["is_positive"] and row["left_id"] == twin["item_id"]
    ]
    assert len(mine) == 3  # its own two captions and that of the second name


def test_rotated_pictures_are_upright(strange):
    rows = {row["uri"]: row for row in strange.table("items").to_pylist() if row["modality"] == "image"}
    assert (rows["rotated.jpg"]["width"], rows["rotated.jpg"]["height"]) == (44, 60)
    assert rows["rotated.jpg"]["exif_orientation"] == 6


def test_words_beyond_the_context_are_marked_and_not_perturbed(strange):
    texts = {
        row["text"]: row["item_id"] for row in strange.table("items").to_pylist() if row["modality"] == "text"
    }
    views = {row["item_id"]: row for row in strange.table("views").to_pylist()}
    words = [row for row in strange.table("segments").to_pylist() if row["item_id"] == texts[LONG]]
    assert len(words) == 1000
    # 48 positions of which two are the first and the last token
    assert [row["truncated"] for row in sorted(words, key=lambda row: row["segment"])] == [False] * 46 + [
        True
    ] * 954
    assert [row["share"] for row in words] == pytest.approx([0.001] * 1000)  # those not seen are words, too
    assert views[texts[LONG]]["n_segments"] == 46
    assert views[texts[LONG]]["seen"] == pytest.approx(0.046)
    assert views[texts[CAPTIONS["one-word"]]]["n_segments"] == 1
    assert views[texts[CAPTIONS["chinese"]]]["n_segments"] == len(CAPTIONS["chinese"])


def test_segments_of_strange_pictures_cover_the_view(strange):
    images = {row["item_id"] for row in strange.table("items").to_pylist() if row["modality"] == "image"}
    for row in strange.table("views").to_pylist():
        if row["item_id"] in images:
            labels = label_map_from_png(row["label_map"])
            assert set(np.unique(labels)) == set(range(row["n_segments"]))


@pytest.fixture
def broken(tmp_path):
    """Six images and eight captions of which four and two cannot be explained."""
    corpus = Benchmark(tmp_path / "corpus")
    corpus.images.mkdir(parents=True)
    pictures = {name: picture(seed)[0] for seed, name in enumerate(("good.png", "fine.jpg", "cut.jpg"))}
    for name, image in pictures.items():
        image.resize((300, 200)).save(corpus.images / name)
    cut = corpus.images / "cut.jpg"
    cut.write_bytes(cut.read_bytes()[: len(cut.read_bytes()) // 2])
    (corpus.images / "words.jpg").write_text("this is no picture")
    (corpus.images / "nothing.png").write_bytes(b"")
    corpus.write(
        {
            "good.png": ["a good red circle", "   ", "!!! ... ???"],
            "fine.jpg": ["a fine blue square"],
            "cut.jpg": ["a picture that was cut"],
            "words.jpg": ["words that are no picture"],
            "nothing.png": ["an empty file"],
            "absent.png": ["a missing picture"],
        }
    )
    return corpus


def test_each_unusable_item_has_one_row_and_the_rest_is_explained(broken, tmp_path):
    outcome = explain(broken.spec(tmp_path / "tables"))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    rows = {(row["uri"], row["stage"]): row["reason"] for row in run.table("failures").to_pylist()}
    captions = [row for row in run.table("failures").to_pylist() if row["uri"] == "annotations.json"]
    assert {key: reason for key, reason in rows.items() if key[0] != "annotations.json"} == {
        ("cut.jpg", "embed"): "undecodable",
        ("words.jpg", "embed"): "undecodable",
        ("nothing.png", "embed"): "empty",
        ("absent.png", "embed"): "absent",
    }
    assert [(row["stage"], row["reason"]) for row in captions] == [("embed", "empty"), ("segment", "empty")]
    positives = [row for row in run.table("pairs").to_pylist() if row["is_positive"]]
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    known = {(items[row["left_id"]]["uri"], items[row["right_id"]]["text"]) for row in positives}
    assert {("good.png", "a good red circle"), ("fine.jpg", "a fine blue square")} <= known
    fitted = set(run.table("fits")["pair_id"].to_pylist())
    wordless = {row["pair_id"] for row in positives if items[row["right_id"]]["text"] == "!!! ... ???"}
    assert {row["pair_id"] for row in positives} - fitted == wordless
    assert every("\n" not in row["message"] for row in run.table("failures").to_pylist())


@pytest.mark.parametrize(("tolerate", "status"), [(0.0, 1), (0.4, 1), (0.43, 0), (1.0, 0)])
def test_the_share_that_may_fail_decides_the_exit_status(call, broken, tmp_path, tolerate, status):
    """Six of fourteen: 42.9 %."""
    spec = broken.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", failures={"tolerate": tolerate})
    got, _, err = call("explain", spec)
    assert got == status, err
    assert ("of 14 items failed" in err) == bool(status)
    assert "failed: " in err
    assert "Traceback" not in err


def test_values_that_are_no_numbers_and_items_beyond_a_bound_fail_alone(tmp_path):
    corpus = Benchmark(tmp_path / "corpus")
    corpus.images.mkdir(parents=True)
    Image.new("RGB", (30, 30), (255, 255, 255)).save(corpus.images / "white.png")
    picture(1)[0].save(corpus.images / "good.png")
    captions = ["a scene", "one two three four five six", "y" * 51]
    corpus.write({"white.png": ["a white wall"], "good.png": captions})
    bounds = {"text": {"max_segments": 5, "max_characters": 50}}
    spec = corpus.spec(tmp_path / "tables", model={"factory": "planted_plugin:nan"}, segmentation=bounds)
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    rows = run.table("failures", ["stage", "reason", "uri", "message"]).to_pylist()
    assert sorted((row["stage"], row["reason"], row["uri"]) for row in rows) == [
        ("embed", "non_finite", "white.png"),
        ("embed", "too_large", "annotations.json"),
        ("segment", "too_large", "annotations.json"),
    ]
    said = " ".join(row["message"] for row in rows)
    assert "has 51 characters, at most 50 are read; shorten it, or raise segmentation.text.max_char" in said
    assert "has 6 segments, at most 5 are explained" in said
    assert set(run.table("item_fits")["item_id"].to_pylist()) < set(run.table("items")["item_id"].to_pylist())


def test_a_block_whose_items_of_one_side_all_fail_has_no_fits_and_the_others_have(tmp_path):
    corpus = Benchmark(tmp_path / "corpus")
    corpus.images.mkdir(parents=True)
    for name, seed in (("first.png", 1), ("second.png", 2)):
        picture(seed)[0].save(corpus.images / name)
    corpus.write({"first.png": ["a scene"], "second.png": ["one two three four five six"]})
    changes = {"pairs": {"retrieved": 0, "errors": False}, "blocks": {"pairs": 1}}
    bounds = {"text": {"max_segments": 5}}
    outcome = explain(corpus.spec(tmp_path / "tables", **changes, segmentation=bounds))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    texts = {row["item_id"]: row["text"] for row in run.table("items").to_pylist()}
    captions = {row["pair_id"]: texts[row["right_id"]] for row in run.table("pairs").to_pylist()}
    assert sorted(captions.values()) == ["a scene", "one two three four five six"]
    fits = [(row["estimator"], captions[row["pair_id"]]) for row in run.table("fits").to_pylist()]
    assert sorted(fits) == [("banzhaf", "a scene"), ("product_shapley", "a scene")]


def test_no_caption_reaches_the_terminal_raw(call, tmp_path):
    corpus = Benchmark(tmp_path / "corpus")
    corpus.images.mkdir(parents=True)
    picture(1)[0].save(corpus.images / "good.png")
    corpus.write({"good.png": [CAPTIONS["escapes"], "!\x1b[31m!"]})
    spec = corpus.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", failures={"tolerate": 1})
    status, out, err = call("explain", spec)
    assert status == 0, err
    assert "\x1b[31m" not in out + err
    assert "\u202e" not in out + err
