"""What is installed with the product may be used by anybody."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

FREE = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|HPND|Zlib|CC0|Unlicense|0BSD|MPL")
WITH_CARE = {"certifi"}
"""Mozilla Public License: free to use and to pass on as it is; changes to its own files must be published."""


def needed(name: str, seen: dict[str, Distribution]) -> None:
    """`name` and all it needs at run time, on this machine."""
    key = re.sub(r"[._-]+", "-", name).lower()
    if key in seen:
        return
    try:
        seen[key] = distribution(name)
    except PackageNotFoundError:  # an extra that is not installed
        return
    for line in seen[key].requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed(requirement.name, seen)


def licence(package: Distribution) -> str:
    told = {key.lower(): value for key, value in package.metadata.json.items()}
    classes = [each for each in told.get("classifier", ()) if str(each).startswith("License ::")]
    return str(told.get("license_expression") or "; ".join(classes) or told.get("license"))


def test_every_dependency_is_free() -> None:
    """Each package needed at run time has an MIT, BSD, Apache, PSF or like licence; MPL only where it is listed."""
    packages: dict[str, Distribution] = {}
    for name in ("kpi-bot", "pg8000", "mcp"):
        needed(name, packages)
    licences = {name: licence(package) for name, package in packages.items()}
    assert {name: words for name, words in licences.items() if not FREE.search(words)} == {}
    assert {name for name, words in licences.items() if re.search(r"MPL|Mozilla|GPL", words)} <= WITH_CARE
