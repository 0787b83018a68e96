"""The project speaks of itself alone: not of the machine it was written on, and not of where packages come from."""

import re

from tests.house.tree import ROOT, files

# Written with a break in each, so that this file does not contain what it looks for.
PATHS = r"(?<![\w.])/(?:work|opt|root|home|Users)[/]\w"
REGISTRIES = r"py[p]i[.]org|python[h]osted[.]org|npm[j]s[.](?:org|com)|un[p]kg[.]com|js[d]elivr[.]net|index[-]url"
BANNED = {"a path of somebody's machine": PATHS, "where packages come from": REGISTRIES}
# What others wrote, and is shipped under their own name.
VENDORED = ("/vendor/", "/vendored/")


def test_the_project_speaks_of_itself_alone():
    found = [
        f"{path}: {what}: {match[0]}"
        for path in files()
        if not any(folder in f"/{path}" for folder in VENDORED)
        for what, pattern in BANNED.items()
        for match in re.finditer(pattern, (ROOT / path).read_bytes().decode("utf-8", "ignore"))
    ]

    assert found == []


def test_the_watch_is_not_blind():
    planted = "see /wo" + "rk/main, and get it from py" + "pi.org"

    assert [bool(re.search(pattern, planted)) for pattern in BANNED.values()] == [True, True]
