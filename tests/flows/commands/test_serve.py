"""``ilime serve`` hands its folder and its port to the server."""

import pytest
from click.testing import CliRunner

from flows.commands.serve import command


@pytest.mark.parametrize(
    ("arguments", "handed"),
    [([], ("ilime-serve", 4200)), (["--out", "elsewhere", "--port", "4300"], ("elsewhere", 4300))],
)
def test_folder_and_port_reach_the_server(monkeypatch, arguments, handed):
    calls = []
    monkeypatch.setattr("flows.actions.serve.serve_demo", lambda out, port: calls.append((out, port)) or 0)
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert calls == [handed]


def test_a_port_beyond_the_range_is_refused():
    assert CliRunner().invoke(command, ["--port", "65536"]).exit_code == 2
