import sqlite3
from contextlib import ExitStack, closing

from flows.engine.execution_home import DATABASE, KEPT, default_home, execution_home, keep_template


def test_ended_executions_are_removed_and_living_ones_never(tmp_path):
    with ExitStack() as living:
        alive = [living.enter_context(execution_home(tmp_path)) for _ in range(3)]
        ended = []
        for _ in range(KEPT + 4):
            with execution_home(tmp_path) as folder:
                ended.append(folder)
        left = set((tmp_path / "executions").iterdir())
        assert set(alive) <= left
        # The last one ended after the last removal.
        assert len(left & set(ended)) == KEPT + 1
    with execution_home(tmp_path) as folder:
        assert len(list((tmp_path / "executions").iterdir())) == KEPT + 1
        assert folder.exists()


def test_a_new_execution_begins_with_the_template(tmp_path):
    with execution_home(tmp_path) as folder:
        assert not (folder / DATABASE).exists()
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            database.execute("create table flow (name text)")
            database.commit()
        keep_template(tmp_path, folder)
    with execution_home(tmp_path) as folder, closing(sqlite3.connect(folder / DATABASE)) as database:
        assert database.execute("select name from sqlite_master").fetchall() == [("flow",)]
        database.execute("insert into flow values ('of this execution')")
        database.commit()
    with execution_home(tmp_path) as folder, closing(sqlite3.connect(folder / DATABASE)) as database:
        assert database.execute("select * from flow").fetchall() == []


def test_home_follows_xdg(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_home() == tmp_path / "ilime" / "prefect"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert default_home() == tmp_path / "me" / ".local" / "state" / "ilime" / "prefect"
