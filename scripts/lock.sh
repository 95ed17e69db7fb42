#!/usr/bin/env bash
# Remakes the lock files from pyproject.toml. Needs pip-tools; no registry address is written.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PIP_FIND_LINKS
compile() {
  pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@"
}
compile --extra build --output-file requirements/run.lock pyproject.toml
compile --extra build --extra test --constraint requirements/run.lock --output-file requirements/test.lock pyproject.toml
# The extra `report` on top of run.lock: only what is not there already.
compile --extra report --constraint requirements/run.lock --output-file requirements/report.lock pyproject.toml
.venv/bin/python scripts/lock_on_top.py requirements/run.lock requirements/report.lock
# The peer of the tracker benchmark lives in .venv-bench; the constraint gives both the same numpy.
compile --constraint requirements/test.lock --output-file requirements/bench.lock requirements/bench.in
# The TAK server of the tests lives in .venv-taky: its pins are nobody else's business.
compile --output-file requirements/taky.lock requirements/taky.in
# The recording travels inside `traffic`, whose own two dozen dependencies are not wanted.
printf 'traffic==2.13 \\\n' > requirements/recording.lock
folder=$(mktemp -d)
pip download --quiet --no-deps --dest "$folder" traffic==2.13
pip hash "$folder"/* | grep -- --hash | sed 's/^/    /' >> requirements/recording.lock
rm -r "$folder"
