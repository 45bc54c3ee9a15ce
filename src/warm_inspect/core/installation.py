"""How this package was installed, and the command that installs an optional part of it from the same place."""

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

PACKAGE = "warm-inspect"


def install_command(extra: str) -> str:
    """The command that adds an extra: from the checkout, archive or repository that this package was installed from.

    An installer leaves the address in `direct_url.json`, unless it took the package from an index.

    Source: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    origin = _origin()
    address, subdirectory = origin.get("url", ""), origin.get("subdirectory", "")
    if not address:
        return shlex.join(["pip", "install", f"{PACKAGE}[{extra}]"])
    if "dir_info" in origin:
        folder = Path(url2pathname(urlsplit(address).path), subdirectory)
        editable = ["--editable"] if origin["dir_info"].get("editable") else []
        return shlex.join(
            ["pip", "install", *editable, f"{folder if folder.is_dir() else 'PATH_TO_CHECKOUT'}[{extra}]"]
        )
    if version_control := origin.get("vcs_info"):
        address = f"{version_control['vcs']}+{address}@{version_control['commit_id']}"
    if subdirectory:
        address += f"#subdirectory={subdirectory}"
    return shlex.join(["pip", "install", f"{PACKAGE}[{extra}] @ {address}"])


def _origin() -> dict[str, Any]:
    """What the installer wrote down; empty for a package of an index, or one that is only on the path."""
    try:
        return json.loads(distribution(PACKAGE).read_text("direct_url.json") or "{}")  # type: ignore[no-any-return]
    except PackageNotFoundError:
        return {}
