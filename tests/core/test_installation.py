"""An extra is installed from where the package came from: an index, a checkout, an archive or a repository."""

import json
import shlex
from pathlib import Path

import pytest

from warm_inspect.core import installation
from warm_inspect.core.installation import install_command


class Installed:
    """A distribution whose installer wrote this down."""

    def __init__(self, origin: object) -> None:
        self._origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return json.dumps(self._origin) if self._origin else None


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "pip install 'warm-inspect[hub]'"),
        ({"url": "file://FOLDER", "dir_info": {}}, "pip install 'FOLDER[hub]'"),
        ({"url": "file://FOLDER", "dir_info": {"editable": True}}, "pip install --editable 'FOLDER[hub]'"),
        ({"url": "file:///gone", "dir_info": {}}, "pip install 'PATH_TO_CHECKOUT[hub]'"),
        (
            {"url": "https://x.test/w.tar.gz", "archive_info": {}},
            "pip install 'warm-inspect[hub] @ https://x.test/w.tar.gz'",
        ),
        (
            {"url": "https://x.test/w", "vcs_info": {"vcs": "git", "commit_id": "a1"}},
            "pip install 'warm-inspect[hub] @ git+https://x.test/w@a1'",
        ),
        (
            {
                "url": "https://x.test/w",
                "vcs_info": {"vcs": "git", "commit_id": "a1"},
                "subdirectory": "packages/warm",
            },
            "pip install 'warm-inspect[hub] @ git+https://x.test/w@a1#subdirectory=packages/warm'",
        ),
        (
            {"url": "https://x.test/w.tar.gz", "archive_info": {}, "subdirectory": "warm"},
            "pip install 'warm-inspect[hub] @ https://x.test/w.tar.gz#subdirectory=warm'",
        ),
        ({"url": "file://FOLDER", "dir_info": {}, "subdirectory": "within"}, "pip install 'FOLDER/within[hub]'"),
    ],
)
def test_the_command_goes_back_to_the_origin(
    origin: dict[str, object] | None, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a checkout"
    (folder / "within").mkdir(parents=True)
    if origin:
        origin = origin | {"url": str(origin["url"]).replace("FOLDER", folder.as_uri().removeprefix("file://"))}
    monkeypatch.setattr(installation, "distribution", lambda name: Installed(origin))
    assert install_command("hub") == command.replace("FOLDER", str(folder))


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "file://FOLDER", "dir_info": {}},
        {"url": "https://x.test/o'brien", "vcs_info": {"vcs": "git", "commit_id": "a1"}},
        {"url": "https://x.test/o'brien.tar.gz", "archive_info": {}},
    ],
)
def test_an_apostrophe_does_not_end_the_word(
    origin: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "o'brien; ls"
    folder.mkdir()
    origin = origin | {"url": str(origin["url"]).replace("file://FOLDER", folder.as_uri())}
    monkeypatch.setattr(installation, "distribution", lambda name: Installed(origin))
    pip, install, what = shlex.split(install_command("hub"))
    assert (pip, install) == ("pip", "install")
    assert "o'brien" in what


def test_a_package_that_is_only_on_the_path_is_taken_from_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "PACKAGE", "warm-inspect-that-nobody-installed")
    assert install_command("hub") == "pip install 'warm-inspect-that-nobody-installed[hub]'"
