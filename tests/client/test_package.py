"""What the client brings along, what its types say, and that it survives a fork."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from mahlan.client import calls
from mahlan.gateway.shapes import CheckBody, CommentBody, OutcomeBody

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"
HEAVY = {
    *("onnxruntime", "numpy", "tokenizers", "faust", "mode", "aiokafka", "litestar", "uvicorn", "aiohttp"),
    *("structlog", "prometheus_client", "limits", "click", "rich", "sqlite3"),
}
FORKING = """
import os, sys
from mahlan.client import Mahlan
mahlan = Mahlan(sys.argv[1], sys.argv[2])
ask = lambda name: mahlan.try_check(name, "what a lovely day", author_key="author-1", budget=30).reason
before = ask("c-1")
child = os.fork()
if child == 0:
    os._exit(0 if ask("c-2") == before and mahlan.check("c-2", "what a lovely day", author_key="author-1") else 1)
assert os.waitpid(child, 0)[1] == 0
assert ask("c-3") == before != "unavailable"
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SERVICES)}


def test_importing_it_imports_nothing_of_the_services():
    code = f"import sys, mahlan.client; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("fields", "body", "named"),
    [
        (calls.CheckFields, CheckBody, {"comment_id", "text"}),
        (calls.CommentFields, CommentBody, {"comment_id", "text"}),
        (calls.OutcomeFields, OutcomeBody, {"comment_id", "outcome"}),
    ],
)
def test_every_field_of_the_gateway_can_be_given(fields, body, named):
    assert set(typing.get_type_hints(fields)) == set(body.__struct_fields__) - named


@pytest.mark.slow
def test_its_types_are_there_for_others(tmp_path):
    """Seen from outside the checkout: a right use passes mypy --strict, a wrong one is found."""
    program = (
        "from mahlan.client import AsyncMahlan, Mahlan\n"
        "def ask(mahlan: Mahlan) -> str:\n"
        "    answer = mahlan.try_check('c', 'text', author_id='a', budget=0.2)\n"
        "    return answer.wording.text if answer.wording else answer.reason\n"
        "async def told(mahlan: AsyncMahlan) -> bool:\n"
        "    return (await mahlan.report('n', 'shown', comment_id='c')).accepted\n"
    )
    wrong = "def bad(mahlan: Mahlan) -> None:\n    mahlan.check('c', 'text', surfaces='comment')\n"
    (tmp_path / "good.py").write_text(program, "utf-8")
    (tmp_path / "wrong.py").write_text(program + wrong, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "good.py", "wrong.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    [error] = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert error.startswith('wrong.py:8: error: Unexpected keyword argument "surfaces"')
    assert (SERVICES / "mahlan" / "py.typed").exists()


async def test_it_works_on_both_sides_of_a_fork(stage):
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FORKING, stage.url, stage.key), env=environment(), stderr=subprocess.PIPE
    )
    _, said = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 0, said.decode()
