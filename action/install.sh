#!/usr/bin/env bash
# Install the program's dependencies, from hashed pins, into a folder of this run alone.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
home="$RUNNER_TEMP/installed-registry-mirror"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or later is needed; this runner has $(python3 --version)." >&2
  exit 1
}

python3 -m venv "$home"
"$home/bin/pip" install --quiet --disable-pip-version-check --no-input \
  --require-hashes --only-binary :all: --requirement "$repository/requirements/run.txt"

cat > "$home/bin/registry-mirror" <<SCRIPT
#!/usr/bin/env bash
PYTHONPATH='$repository/src' exec '$home/bin/python' -P -m registry_mirror "\$@"
SCRIPT
chmod +x "$home/bin/registry-mirror"
echo "$home/bin" >> "$GITHUB_PATH"

"$repository/scripts/need" skopeo
