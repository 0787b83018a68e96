"""The explorer's scripts, taken from npm packages as they were published, so that /graphiql asks nobody outside.

python tools/vendor.py            fetch what tools/vendor.lock.json names, verify it, and lay it into api/static
python tools/vendor.py --check    verify what is there, asking nobody
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "tools" / "vendor.lock.json"
STATIC = ROOT / "api" / "static"
SOURCE_MAP = b"sourceMappingURL="


def main(arguments: list[str]) -> int:
    """Fetch, or check."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    if not arguments:
        for package in packages:
            lay(package, fetch(package))
    faults = [
        f"{one['to']} is not as the lock says" for package in packages for one in package["files"] if not kept(one)
    ]
    print("\n".join(faults) or f"{sum(len(package['files']) for package in packages)} files are as the lock says")
    return 1 if faults else 0


def fetch(package: dict[str, Any]) -> dict[str, bytes]:
    """The files of a package, by their path in it; its tarball must be the one that was locked."""
    with tempfile.TemporaryDirectory() as folder:
        spec = f"{package['name']}@{package['version']}"
        subprocess.run(["npm", "pack", "--silent", spec], cwd=folder, check=True)
        (archive,) = Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if package["integrity"] != f"sha512-{digest}":
            raise SystemExit(f"{spec}: the tarball is not the one that was locked")
        with tarfile.open(archive) as tar:
            return {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}  # type: ignore[union-attr]


def lay(package: dict[str, Any], files: dict[str, bytes]) -> None:
    """Copy what is wanted, without the lines that would make a browser ask for source maps."""
    STATIC.mkdir(parents=True, exist_ok=True)
    for one in package["files"]:
        lines = files[f"package/{one['from']}"].splitlines(keepends=True)
        (STATIC / one["to"]).write_bytes(b"".join(line for line in lines if SOURCE_MAP not in line[:40]))


def kept(one: dict[str, str]) -> bool:
    """Whether a file is there as the lock says."""
    path = STATIC / one["to"]
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == one["sha256"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
