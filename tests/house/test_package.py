"""What is installed and what is shipped: the lock answers for the one, the wheel for the other."""

import importlib
import re
import zipfile
from importlib import metadata

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

from tests.house.tree import ROOT, files, project, shipped

# A requirement as the lock writes it: name, pinned version, perhaps a marker, then its hashes.
PINNED = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<marker> ; [^\\]+)?(?P<hashes>(?: \\\n +--hash=\S+)+)$", re.M
)
# Named in the wheel before they are built; each leaves this list with its first file.
TO_COME = {"console", "insight"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))) as archive:
        yield archive


def lock() -> dict[str, re.Match[str]]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {pin["name"]: pin for pin in PINNED.finditer(text)}


def wanted() -> list[Requirement]:
    written = project()["project"]["dependencies"] + project()["dependency-groups"]["dev"]
    return [Requirement(line) for line in written]


def test_the_lock_pins_what_the_project_asks_for():
    pins = lock()

    assert [str(need) for need in wanted() if not need.specifier.contains(pins[need.name]["version"])] == []


def test_the_lock_is_pins_and_hashes_and_nothing_else():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    rest = PINNED.sub("", text).splitlines()

    assert len(lock()) >= len(wanted())
    assert all("--hash=sha256:" in pin["hashes"] for pin in lock().values())
    assert [line for line in rest if line.strip() and not line.lstrip().startswith("#")] == []


def test_the_environment_is_the_one_that_was_locked():
    here = {need.name: metadata.version(need.name) for need in wanted()}

    assert here == {name: lock()[name]["version"] for name in here}


@pytest.mark.parametrize("name", shipped())
def test_a_name_as_plain_as_ours_is_still_ours(name):
    if name in TO_COME and not (ROOT / name).is_dir():
        assert importlib.util.find_spec(name) is None
        return

    assert str(importlib.import_module(name.removesuffix(".py")).__file__).startswith(str(ROOT))


def test_the_wheel_carries_everything_of_ours_that_runs(wheel):
    ours = {path for path in files() if path.split("/")[0] in shipped()}

    assert sorted(ours - set(wheel.namelist())) == []


def test_the_wheel_carries_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert sorted(tops - set(shipped())) == [f"perennial-{project()['project']['version']}.dist-info"]


def test_the_wheel_brings_the_command_the_texts_and_the_licence(wheel):
    inside = wheel.namelist()
    info = f"perennial-{project()['project']['version']}.dist-info"

    assert {"locales/en.json", "locales/zh-CN.json", f"{info}/licenses/LICENSE"} <= set(inside)
    assert wheel.read(f"{info}/entry_points.txt").decode() == "[console_scripts]\nloyalty = cli.main:main\n"


def test_the_wheel_carries_the_table_of_festivals(wheel):
    carried = wheel.read("rules/data/festivals.json")

    assert carried == (ROOT / "rules/data/festivals.json").read_bytes()
