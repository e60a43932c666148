"""The shell scripts: runnable, readable by bash, and harmless when asked for nonsense."""

import os
import subprocess

import pytest

from script.settings import ROOT

COMMANDS = ["script/server", "script/test", "script/reset", "script/install-packages", ".ci/run"]


def run(*command, stdin=""):
    return subprocess.run(
        command, cwd=ROOT, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_executable_and_stop_at_errors(command):
    assert os.access(ROOT / command, os.X_OK)
    text = (ROOT / command).read_text()
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "lib.sh" in text or "set -euo pipefail" in text or "exec " in text


@pytest.mark.parametrize("file", [*COMMANDS, "script/lib.sh"])
def test_bash_understands_them(file):
    answer = run("bash", "-n", file)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    "words", [["--port"], ["--port", "eighty"], ["--port", "0"], ["--port", "65536"], ["restart"], ["--help"]]
)
def test_the_server_refuses_what_it_does_not_know(words):
    answer = run("script/server", *words)
    assert answer.returncode == 1
    assert "Usage: script/server [--port N]" in answer.stdout


def test_reset_deletes_nothing_without_a_yes():
    answer = run("script/reset", stdin="no\n")
    assert answer.returncode == 1
    assert "Nothing deleted." in answer.stdout
    assert run("script/reset", "--force").returncode == 1
