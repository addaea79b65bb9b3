"""Record list: records are read once, from the list that finish writes."""

from dataclasses import replace

import pytest
from probes import counted_storage

from tasks.run_files.commit_records import commit_bytes, content_digest, parse_commit, sealed
from tasks.run_files.committed import all_commits, committed, read_commit, read_commits
from tasks.run_files.naming import commit_key, commits_prefix
from tasks.run_files.record_list import listed_lines, record_list_key, write_record_list
from tasks.runs.run import open_run
from tasks.runs.verify import ProblemKind, verify_run

RUN = "r0123456789abcdef"


@pytest.fixture
def listed(store, small, commit_run):
    """A run of many blocks with the list of its records."""
    commit_run(store, RUN, small, n_blocks=3)
    stages = all_commits(store, RUN)
    write_record_list(store, RUN, (one for blocks in stages.values() for one in blocks.values()))
    return store


def gets(work):
    with counted_storage() as counts:
        work()
    return counts.requests["driver"]["get"]


def test_the_list_gives_what_the_records_give(listed):
    from_list = all_commits(listed, RUN)
    listed.delete(record_list_key(RUN))
    assert from_list == all_commits(listed, RUN)
    assert sum(map(len, from_list.values())) == len(listed.list(commits_prefix(RUN))) > 10


def test_all_records_cost_one_request_with_the_list_and_one_each_without(listed):
    assert gets(lambda: all_commits(listed, RUN)) == 1
    n_records = len(listed.list(commits_prefix(RUN)))
    listed.delete(record_list_key(RUN))
    assert gets(lambda: all_commits(listed, RUN)) == n_records + 1


def test_a_reader_reads_no_record_twice(listed):
    run = open_run(listed.url, RUN)
    first = run.table("fits")
    with counted_storage() as counts:
        again = run.table("fits")
    assert again.equals(first)
    assert counts.requests["driver"]["get"] == 0
    assert counts.requests["driver"]["list"] == 1


def test_a_record_that_came_later_is_seen(listed):
    run = open_run(listed.url, RUN)
    before = run.commits()
    text = listed.read_bytes(commit_key(RUN, "finish", 0))
    assert before["finish"].keys() == {0}
    commit = parse_commit(text, commit_key(RUN, "finish", 0))
    later = replace(commit, block=7, parts=(), digest=content_digest("finish", 7, (), ()))
    listed.write(commit_key(RUN, "finish", 7), commit_bytes(sealed(later)))
    assert run.commits()["finish"].keys() == {0, 7}


def test_a_line_that_is_no_longer_the_record_is_not_believed(listed):
    key = commit_key(RUN, "match", 0)
    commit = parse_commit(listed.read_bytes(key), key)
    listed.write(key, commit_bytes(sealed(replace(commit, worker=f"{commit.worker}-and-another"))))
    assert all_commits(listed, RUN)["match"][0].worker.endswith("-and-another")


def test_a_damaged_list_costs_requests_and_nothing_else(listed):
    whole = all_commits(listed, RUN)
    listed.write(record_list_key(RUN), b"".join(listed_lines(listed, RUN))[:-40])
    assert all_commits(listed, RUN) == whole
    assert all_commits(listed, RUN, stage="fit") == {"fit": committed(listed, RUN, "fit")}


def test_verify_names_a_list_that_says_something_else(listed):
    def damaged():
        return [one for one in verify_run(listed, RUN) if one.kind is ProblemKind.DAMAGED_LIST]

    assert damaged() == []
    lines = listed_lines(listed, RUN)
    commit = parse_commit(lines[1], record_list_key(RUN))
    lines[1] = commit_bytes(sealed(replace(commit, worker="elsewhere:1")))
    listed.write(record_list_key(RUN), b"".join(lines))
    (problem,) = damaged()
    assert "line 2 " in problem.message
    assert problem.key == record_list_key(RUN)


def test_verify_names_a_record_that_only_the_list_still_holds(listed):
    key = commit_key(RUN, "score", 0)
    listed.delete(key)
    gone = [one.key for one in verify_run(listed, RUN) if one.kind is ProblemKind.MISSING_BLOCK]
    assert gone == [key]
    again = verify_run(listed, RUN, {"score": [0]})
    assert [one.key for one in again if one.kind is ProblemKind.MISSING_BLOCK] == [key]


def test_some_records_at_once_are_those_of_one_by_one(listed):
    found = read_commits(listed, RUN, "score", [2, 0, 9])
    assert found == {block: read_commit(listed, RUN, "score", block) for block in (2, 0, 9)}
    assert found[9] is None
    assert list(found) == [2, 0, 9]
