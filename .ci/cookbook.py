"""Answers of docs/cookbook.md: asked again of a run and compared, or written.

python .ci/cookbook.py demo-run/tables photographs            # compare
python .ci/cookbook.py demo-run/tables photographs --write    # write
"""

import argparse
import io
import re
import sys
import time
from pathlib import Path

from tasks.query.answers import write_answer
from tasks.query.database import Database
from tasks.runs.run import open_run

PAGE = Path(__file__).parents[1] / "docs" / "cookbook.md"
BLOCK = re.compile(r"```sql (?P<demo>\w+)\n(?P<sql>.*?)```\n\n(?P<answer>(?:\|[^\n]*\n)*)", re.DOTALL)

NEAR = 0.02
"""Relative difference of two figures that another processor may make; of the largest one in their column."""


def ask(database: Database, sql: str) -> tuple[str, float]:
    """Answer as Markdown, and its seconds."""
    start = time.perf_counter()
    stream = io.BytesIO()
    write_answer(database.query(sql), "markdown", stream)
    return stream.getvalue().decode(), time.perf_counter() - start


def same(found: str, written: str) -> bool:
    """Whether two tables agree, figures within ``NEAR``."""
    rows, others = ([cells(line) for line in text.splitlines()] for text in (found, written))
    if [len(row) for row in rows] != [len(row) for row in others]:
        return False
    for column, other in zip(zip(*rows, strict=True), zip(*others, strict=True), strict=True):
        scale = max((abs(one) for one in map(number, column) if one is not None), default=0.0)
        for one, two in zip(column, other, strict=True):
            first, second = number(one), number(two)
            apart = one != two if first is None or second is None else abs(first - second) > NEAR * scale
            if apart:
                return False
    return True


def cells(line: str) -> list[str]:
    """Cells of a row of Markdown."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def number(text: str) -> float | None:
    """A figure, if the text is one."""
    try:
        return float(text)
    except ValueError:
        return None


def main() -> int:
    """Status 1 if an answer differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root")
    parser.add_argument("demo", help="name behind sql: photographs, scenes, mosaics or edited")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    page, wrong, seconds = PAGE.read_text(encoding="utf-8"), 0, []
    with Database(open_run(asked.root, "latest")) as database:

        def answered(block: re.Match[str]) -> str:
            nonlocal wrong
            if block["demo"] != asked.demo:
                return block[0]
            found, took = ask(database, block["sql"])
            seconds.append(took)
            if not asked.write and not same(found, block["answer"]):
                wrong += 1
                print(f"{block['sql']}is answered\n{found}and the page says\n{block['answer']}")
            return f"```sql {block['demo']}\n{block['sql']}```\n\n{found}" + "\n" * (not block["answer"])

        written = BLOCK.sub(answered, page)
    if asked.write:
        PAGE.write_text(written, encoding="utf-8")
    print(
        f"{len(seconds)} questions of {asked.demo}, {max(seconds, default=0):.2f} s at most, {wrong} differ"
    )
    return 1 if wrong or not seconds else 0


if __name__ == "__main__":
    sys.exit(main())
