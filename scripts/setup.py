"""Make .venv ready: `python3 scripts/setup.py run` for the demo, `... test` for the tests as well.

The tests also get .venv-taky with a TAK server that they talk to, again an environment of its own.
`... peer` makes .venv-bench with Stone Soup, which only `make bench-track` needs: an environment of its own,
so that its pins never meet those of foedus, and no test can come to lean on what a newcomer does not install.

Standard library only, and no syntax newer than Python 3.6, so that an old Python gets a sentence instead of
a traceback. Every step is skipped when nothing it depends on has changed since it last succeeded.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
VENV_PEER = os.path.join(ROOT, ".venv-bench")
VENV_TAKY = os.path.join(ROOT, ".venv-taky")
OLDEST, NEWEST = (3, 11), (3, 13)
FIND_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as s; p = s().start(); "
    "print(p.chromium.executable_path); p.stop()"
)
PIP_HINT = (
    "a package cannot be had, the lines above say which; is the network there, and are pip's settings right?"
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def stop(sentence):
    """End with one clear sentence."""
    sys.exit("foedus set-up: " + sentence)


def say(text):
    """One line of progress."""
    print("foedus set-up: " + text, flush=True)


def run(command, what):
    """Run a command; its output is shown only when it fails."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    if done.returncode:
        print(done.stdout[-4000:])
        stop("{} failed: {}".format(what, PIP_HINT if "pip" in command else "the lines above say why"))


def digest_of(*paths):
    """One digest over files and folders, by name and content."""
    total = hashlib.sha256(sys.version.encode())
    for path in paths:
        full = os.path.join(ROOT, path)
        names = [full] if os.path.isfile(full) else []
        for folder, folders, files in os.walk(full):
            folders[:] = sorted(name for name in folders if name not in ("node_modules", "dist"))
            names += [os.path.join(folder, name) for name in sorted(files)]
        for name in names:
            total.update(os.path.relpath(name, ROOT).encode())
            with open(name, "rb") as file:
                total.update(file.read())
    return total.hexdigest()


def step(name, digest, what, commands, venv=VENV):
    """Run commands unless this step succeeded before with the same digest."""
    stamp = os.path.join(venv, "stamp-" + name)
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == digest:
                return
    say(what)
    for command in commands:
        run(command, what)
    with open(stamp, "w") as file:
        file.write(digest)


def check_python():
    """Stop unless this Python is one that foedus supports."""
    found = sys.version_info[:2]
    if not OLDEST <= found <= NEWEST:
        stop(
            "found Python {}.{}, expected {}.{} to {}.{}; try `make PYTHON=python3.12 demo`".format(
                *(found + OLDEST + NEWEST)
            )
        )


def python_of(venv):
    """The Python in an environment."""
    return os.path.join(venv, "bin", "python")


def make_venv(venv=VENV, *options):
    """Create the environment where there is none for this very Python."""
    name = os.path.basename(venv)
    if os.path.exists(python_of(venv)):
        probe = subprocess.run(
            [python_of(venv), "-c", "import sys; print(sys.version)"], stdout=subprocess.PIPE
        )
        if probe.stdout.decode().strip() == sys.version.strip():
            return
        say("the environment in {} belongs to another Python; making it anew".format(name))
        shutil.rmtree(venv)
    what = "creating {} (Debian and Ubuntu: apt install python3-venv)".format(name)
    run([sys.executable, "-m", "venv", *options, venv], what)


def install(lock, venv=VENV):
    """The pip command for one lock file."""
    return [
        python_of(venv),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "-r",
        "requirements/" + lock,
    ]


def find_chromium():
    """Path of a Chromium for the browser tests, or None."""
    named = os.environ.get("FOEDUS_CHROMIUM")
    if named:
        return (
            named
            if os.path.exists(named)
            else stop("FOEDUS_CHROMIUM names {}, which is not there".format(named))
        )
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = (
        subprocess.run(
            [
                PYTHON,
                "-c",
                FIND_PLAYWRIGHT,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        .stdout.decode()
        .strip()
    )
    return own if own and os.path.exists(own) else None


def get_chromium():
    """A Chromium for the browser tests: the system's package as root, else Playwright's own."""
    if find_chromium():
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Debian's chromium for the browser tests")
        run(["apt-get", "update", "-q"], "apt-get update")
        run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
            "apt-get install chromium",
        )
    else:
        say("fetching Playwright's own Chromium for the browser tests")
        subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"], cwd=ROOT)
    if not find_chromium():
        stop("the browser tests need a Chromium: `sudo apt install chromium`, or set FOEDUS_CHROMIUM to one")


def make_peer():
    """Make .venv-bench ready."""
    make_venv(VENV_PEER)
    step(
        "lock-bench.lock",
        digest_of("requirements/bench.lock"),
        "installing Stone Soup into .venv-bench (bench.lock; about 300 MB)",
        [install("bench.lock", VENV_PEER)],
        VENV_PEER,
    )


def make_taky():
    """Make .venv-taky ready, by the pip of .venv: an environment without its own is made at once."""
    make_venv(VENV_TAKY, "--without-pip")
    step(
        "lock-taky.lock",
        digest_of("requirements/taky.lock"),
        "installing a TAK server into .venv-taky (taky.lock; about 40 MB)",
        [[PYTHON, "-m", "pip", "--python", python_of(VENV_TAKY), *install("taky.lock")[3:]]],
        VENV_TAKY,
    )


def main():
    """Do what the argument asks."""
    if len(sys.argv) != 2 or sys.argv[1] not in ("run", "test", "peer"):
        sys.exit("usage: python3 scripts/setup.py run|test|peer")
    check_python()
    if sys.argv[1] == "peer":
        make_peer()
        return
    make_venv()
    lock = "run.lock" if sys.argv[1] == "run" else "test.lock"
    step(
        "lock-" + lock,
        digest_of("requirements/" + lock),
        "installing pinned packages (" + lock + "; about 250 MB the first time)",
        [install(lock)],
    )
    step(
        "recording",
        digest_of("requirements/recording.lock"),
        "installing the recorded Swiss day (package traffic, MIT; data: OpenSky Network)",
        [install("recording.lock")],
    )
    step(
        "foedus",
        digest_of("pyproject.toml", "hatch_build.py", "console"),
        "building the console and installing foedus itself (half a minute)",
        [[PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."]],
    )
    if sys.argv[1] == "test":
        get_chromium()
        make_taky()


if __name__ == "__main__":
    main()
