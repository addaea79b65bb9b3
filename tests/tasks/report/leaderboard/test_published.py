"""Published rows stand below the own ones where the corpus is the published one, and nowhere else."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tasks.report.leaderboard.published import PUBLISHED, published_lines
from tasks.report.leaderboard.reading import leaderboard_lines, read_leaderboard


@pytest.fixture
def measured(tmp_path, commit_run, planted):
    def plant(tables):
        planted.plant(tables)
        for name, start in (("banzhaf", 0.5), ("occlusion", 0.3)):
            for count in (1, 2, 3, 4):
                mean = start + count / 100
                controls = {"explanation": (mean, 0.02), "main_effects": (0.25, 0.01), "random": (0.4, 0.01)}
                tables["leaderboard"] += planted.board_rows(
                    name, "recognition", controls, mode=f"{count} named", n=100 * count
                )

    return planted.make(tmp_path, commit_run, plant).run


def of_format(name):
    return SimpleNamespace(plan={"parameters": {"corpus": {"format": name}}})


def rows(lines):
    return {line.split("  ")[0]: [part.strip() for part in line.split("  ") if part][1:] for line in lines}


def test_own_and_published_rows_by_number_of_named_objects(measured):
    board = read_leaderboard(measured, "m2")
    lines = published_lines(of_format("imagenet_mosaics"), board)
    found = rows(lines)
    assert found["recognition (PGR)"] == ["1 named", "2 named", "3 named", "4 named"]
    assert found["banzhaf"][0] == "0.510 (0.490 to 0.530)"
    assert found["occlusion"][3] == "0.340 (0.320 to 0.360)"
    assert found["linear surrogate of banzhaf"][1] == "0.250 (0.240 to 0.260)"
    assert found["pairs"] == ["100", "200", "300", "400"]
    assert found["exCLIP (near integrated_jacobian)"] == ["0.73", "0.88", "0.89", "0.92"]
    assert found["GAME"] == ["0.61", "0.43", "0.33", "0.28"]
    assert sum("chance" in line and "0.400" in line for line in lines) == 2
    assert any("arXiv 2508.05430" in line for line in lines)
    assert len(PUBLISHED) == 6


def test_other_corpora_have_no_published_rows(measured):
    board = read_leaderboard(measured, "m2")
    assert published_lines(of_format("folder"), board) == []
    assert published_lines(SimpleNamespace(plan={}), board) == []
    assert not any("published" in line for line in leaderboard_lines(measured, "m2"))


def test_without_recognition_there_is_nothing_to_compare(ranked):
    board = read_leaderboard(ranked.run)
    assert published_lines(of_format("imagenet_mosaics"), board) == []


def test_a_number_of_objects_that_was_not_measured_is_a_dash(measured):
    board = read_leaderboard(measured, "m2")
    few = {
        key: entry
        for key, entry in board.entries.items()
        if key[2].metric != "recognition" or key[2].mode == "2 named"
    }
    found = rows(published_lines(of_format("imagenet_mosaics"), replace(board, entries=few)))
    assert found["banzhaf"] == ["\N{EN DASH}", "0.520 (0.500 to 0.540)", "\N{EN DASH}", "\N{EN DASH}"]
