"""Questions of docs/cookbook.md: short, of few joins, and answered by any run..

The answers are asked again by .ci/cookbook.py, of the demonstration that .ci/run makes.
"""

import re
from pathlib import Path

import pytest
from every import every

from tasks.query.database import Database

PAGE = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"```sql (\w+)\n(.*?)```\n\n(\|?)", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def database(reference):
    with Database(reference) as opened:
        yield opened


def test_there_are_enough_questions_and_all_have_an_answer():
    assert len({sql for _, sql, _ in QUESTIONS}) >= 20
    assert {demo for demo, _, _ in QUESTIONS} <= {"photographs", "scenes", "mosaics", "edited"}
    assert every(answer for _, _, answer in QUESTIONS)


@pytest.mark.parametrize("sql", [sql for _, sql, _ in QUESTIONS])
def test_a_question_is_answered_in_three_lines_and_two_joins(database, sql):
    assert len(sql.splitlines()) <= 3
    assert len(re.findall(r"\bJOIN\b", sql)) <= 2
    assert database.query(sql).read_all().num_columns >= 2
