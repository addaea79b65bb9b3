"""Fifty good images among entries of every odd kind: each of these is a row, and all others are explained."""

import io
import json
import os
import struct
import zlib

import numpy as np
import pytest
from every import every
from PIL import Image
from tiny_benchmark import LEAN, Benchmark, explain, merged, picture, run_of

N_GOOD = 50


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def saved(image, **options):
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


def odd_bytes():
    """Contents of image files, and the reason for which each fails; empty where it is a picture."""
    scene = picture(99)[0]
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"
    frames = [scene.rotate(turn) for turn in (0, 90)]
    return {
        "empty.jpg": (b"", "empty"),
        "cut.jpg": (saved(scene.resize((300, 200)), format="JPEG")[:3000], "undecodable"),
        "text.jpg": (b"this is no picture", "undecodable"),
        "page.jpg": (b"<!DOCTYPE html><html><title>404</title></html>", "undecodable"),
        "pointer.jpg": (pointer.encode(), "undecodable"),
        "huge.png": (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b""), "too_large"),
        "animation.gif": (saved(frames[0], format="GIF", save_all=True, append_images=frames[1:]), ""),
        "deep.png": (saved(Image.fromarray(np.full((9, 9), 40_000, np.uint16)), format="PNG"), ""),
        "cmyk.jpg": (saved(scene.convert("CMYK"), format="JPEG"), ""),
        "space at the end.png ": (saved(scene.rotate(7), format="PNG"), ""),
        "caf\u00e9.png": (saved(scene.rotate(8), format="PNG"), ""),
        "cafe\u0301.png": (saved(scene.rotate(9), format="PNG"), ""),
        "a:b.png": (saved(scene.rotate(10), format="PNG"), "malformed"),
        "a\\b.png": (saved(scene.rotate(11), format="PNG"), "malformed"),
        "a\nb.png": (saved(scene.rotate(12), format="PNG"), "malformed"),
    }


ODD_CAPTIONS = [
    ("a \0 cat", "malformed"),
    ("a \ud83d cat", "malformed"),
    (None, "malformed"),
    (7, "malformed"),
    (["a", "b"], "malformed"),
    ({"a": "b"}, "malformed"),
    ("", "empty"),
    ("\u200b\u2060", "empty"),
    ("x" * 1_000_000, "too_large"),
    ("a \u202e cat", ""),
    ("a cat\r\n\ton a mat", ""),
    ("\ufeffa marked cat", ""),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    corpus = Benchmark(tmp_path_factory.mktemp("odd") / "corpus")
    corpus.images.mkdir(parents=True)
    entries = {}
    for number in range(N_GOOD):
        image, caption = picture(number, 30, 22)
        image.save(corpus.images / f"good{number}.png")
        entries[f"good{number}.png"] = [f"{caption} {number}"]
    for name, (content, _) in odd_bytes().items():
        (corpus.images / name).write_bytes(content)
        entries[name] = [f"a caption of {name!r}"]
    secret = corpus.folder / "secret.png"
    secret.write_bytes(saved(picture(100)[0], format="PNG"))
    os.mkfifo(corpus.images / "pipe.jpg")
    (corpus.images / "loop.jpg").symlink_to("loop.jpg")
    (corpus.images / "out.png").symlink_to(secret)
    (corpus.images / "folder.jpg").mkdir()
    others = ("pipe.jpg", "loop.jpg", "out.png", "folder.jpg", "absent.jpg", "../secret.png", "n" * 300)
    corpus.write(entries | {name: [f"a caption of {name!r}"] for name in others})
    tree = json.loads(corpus.annotations.read_text())
    tree["images"][0]["sentences"] += [{"raw": caption} for caption, _ in ODD_CAPTIONS]
    tree["images"] += [tree["images"][1], 7, None, {"filename": "no more.png"}]
    corpus.annotations.write_text(json.dumps(tree))
    return corpus


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory):
    changes = LEAN | {
        "perturbation": {"max_image_masks": 12, "max_text_masks": 12, "held_out": {"image": 0, "text": 0}},
        "blocks": {
            "image_encodes": 5000,
            "text_encodes": 5000,
            "pairs": 500,
            "image_batch": 64,
            "text_batch": 64,
        },
    }
    outcome = explain(merged(corpus.spec(tmp_path_factory.mktemp("tables")), changes))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def test_every_odd_entry_is_one_row_with_its_reason(run):
    rows = run.table("failures").to_pylist()
    of_images = {
        row["uri"]: row["reason"]
        for row in rows
        if row["stage"] == "embed" and row["uri"] != "annotations.json"
    }
    unread = {"pipe.jpg": "unreadable", "loop.jpg": "unreadable", "folder.jpg": "unreadable"}
    listed = {name: reason for name, (_, reason) in odd_bytes().items() if reason and reason != "malformed"}
    assert of_images == listed | unread | {"out.png": "malformed", "absent.jpg": "absent"}

    malformed_names = [name for name, (_, reason) in odd_bytes().items() if reason == "malformed"]
    n_malformed = len(malformed_names) + len(("../secret.png", "n" * 300)) + len((7, None, "no split"))
    n_malformed += sum(reason == "malformed" for _, reason in ODD_CAPTIONS)
    planned = [row["reason"] for row in rows if row["stage"] == "plan"]
    assert sorted(planned) == ["duplicate"] + ["malformed"] * n_malformed

    of_texts = [row["reason"] for row in rows if row["stage"] == "embed" and row["uri"] == "annotations.json"]
    assert sorted(of_texts) == sorted(
        reason for _, reason in ODD_CAPTIONS if reason in {"empty", "too_large"}
    )
    assert every(row["message"].isprintable() for row in rows)


def test_all_others_are_explained(run):
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    known = {row["uri"] for row in items.values() if row["modality"] == "image"}
    readable = {name for name, (_, reason) in odd_bytes().items() if not reason}
    assert known == readable | {f"good{number}.png" for number in range(N_GOOD)}
    explained = {
        (items[row["left_id"]]["uri"], items[row["right_id"]]["text"])
        for row in run.table("pairs").to_pylist()
    }
    n_odd = sum(not reason for _, reason in ODD_CAPTIONS)
    assert len({uri for uri, _ in explained}) == len(known)
    assert len(explained) == len(known) + n_odd
    assert set(run.table("fits")["pair_id"].to_pylist()) == set(run.table("pairs")["pair_id"].to_pylist())
