"""What a site's own tools make of the composer: TypeScript reads its types, React and Vue run it in a real browser.

TypeScript reads the gateway's own pages, too.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.composer.fake_gateway import ROOT, STATIC
from tests.npm import installed

HERE = Path(__file__).parent / "build"
COMPOSER = STATIC / "composer"
EXAMPLES = ROOT / "examples"
OPTIONS = {"strict": True, "noEmit": True, "target": "es2022", "module": "es2022", "moduleResolution": "bundler",
           "lib": ["es2023", "dom", "dom.iterable"], "types": []}  # fmt: skip

USE = """
import { MahlanComposer } from "./mahlan-composer.js";
const made = document.createElement("mahlan-composer");
const tell = (text: string) => console.log(text, made.commentId);
made.addEventListener("mahlan-post", (event) => tell(event.detail.text));
const found: MahlanComposer | null = document.querySelector("mahlan-composer");
found?.dispute("joke");
// @ts-expect-error there is no such reason
found?.dispute("because");
// @ts-expect-error what was checked is read only
made.commentId = "mine";
"""
REACT = """
import { createRoot } from "react-dom/client";
import { Comments } from "./react.jsx";
const publish = (event) => (document.title = event.text);
createRoot(document.querySelector("main")).render(
  <Comments endpoint={location.origin} apiKey="k" authorKey="author-0001" publish={publish} />);
"""
VUE = """
import { createApp, h } from "vue";
import Comments from "./vue.js";
const props = { endpoint: location.origin, apiKey: "k", authorKey: "author-0001",
  onPublish: (event) => (document.title = event.text) };
createApp({ render: () => h(Comments, props) }).mount("main");
"""
PAGE = '<!doctype html><html lang="en"><title>-</title><main></main><script type="module" src="/built.js"></script>'


@pytest.fixture(scope="module")
def packages() -> Path:
    return installed(HERE, "examples")


@pytest.fixture
def tool(packages: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs a program of the packages in a folder of the test's own, and returns what it wrote."""

    def run(*command: str, given: str = "") -> str:
        modules = packages / "node_modules"
        path = f"{modules / '.bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "NODE_PATH": str(modules), "PATH": path}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            input=given,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def typed(tmp_path: Path, file: str, **options: bool) -> None:
    for name in ("mahlan-composer.js", "mahlan-composer.d.ts"):
        (tmp_path / name).write_text((COMPOSER / name).read_text("utf-8"), "utf-8")
    config = {"compilerOptions": {**OPTIONS, **options}, "files": [file]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), "utf-8")


def test_a_site_in_typescript_gets_types_that_hold(tool, tmp_path):
    typed(tmp_path, "use.ts")
    (tmp_path / "use.ts").write_text(USE, "utf-8")
    tool("tsc", "-p", ".")


def test_the_module_itself_is_typed(tool, tmp_path):
    typed(tmp_path, "mahlan-composer.js", allowJs=True, checkJs=True)
    tool("tsc", "-p", ".")


def test_a_wrong_type_is_seen(tool, tmp_path):
    typed(tmp_path, "use.ts")
    (tmp_path / "use.ts").write_text(USE.replace("// @ts-expect-error there is no such reason", ""), "utf-8")
    with pytest.raises(AssertionError, match="because"):
        tool("tsc", "-p", ".")


def test_the_board_and_the_playground_keep_to_their_types(tool, tmp_path):
    scripts = [path for path in STATIC.rglob("*.js") if ".min." not in path.name]
    unchecked = [path.name for path in scripts if not path.read_text("utf-8").startswith("// @ts-check\n")]
    assert unchecked == []
    config = {"compilerOptions": {**OPTIONS, "allowJs": True}, "files": [str(path) for path in scripts]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    tool("tsc", "-p", ".")


@pytest.mark.parametrize("framework", ["react", "vue"])
def test_the_example_asks_and_posts(framework, tool, tmp_path, packages, fake, context):
    if framework == "vue":
        (tmp_path / "vue.js").write_text(
            tool("node", str(HERE / "vue.cjs"), given=(EXAMPLES / "MahlanComments.vue").read_text("utf-8")), "utf-8"
        )
    else:
        (tmp_path / "react.jsx").write_text((EXAMPLES / "react.jsx").read_text("utf-8"), "utf-8")
    (tmp_path / "main.jsx").write_text({"react": REACT, "vue": VUE}[framework], "utf-8")
    alias = f"--alias:@mahlan/composer={COMPOSER / 'mahlan-composer.js'}"
    tool(
        "esbuild",
        "main.jsx",
        "--bundle",
        "--format=esm",
        "--jsx=automatic",
        alias,
        '--define:process.env.NODE_ENV="production"',
        "--outfile=built.js",
    )
    fake.pages["/built.js"] = (tmp_path / "built.js").read_text("utf-8")
    fake.pages["/"] = PAGE
    page = context.new_page()
    page.goto(f"{fake.url}/")
    page.get_by_role("textbox").fill("you idiot")
    page.get_by_role("button", name="Post").click()
    page.get_by_role("dialog").wait_for()
    page.locator("[part~=send]").click()
    page.get_by_role("listitem").filter(has_text="you idiot").wait_for()
    assert page.title() == "you idiot"
    assert fake.checks[0]["author_key"] == "author-0001"
    fake.wait_for_outcomes("shown", "sent_unchanged")
