"""The page that replies are labelled on: served to this machine only, one reply at a time.

A reply is data: it is sent as JSON and set as text, under a policy that allows no script but the page's own. Every
request must come to a loopback name under the secret in the printed address, and what changes something from the page
itself, so that neither another site in the same browser nor another user of the machine can read or label.
"""

import json
import sys
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warm_inspect.core.content import content_folder
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.shown_text import shown
from warm_inspect.core.vocabulary import Grade
from warm_inspect.grading import contradiction
from warm_inspect.grading.labels import Judgement
from warm_inspect.labelling.files import SheetRow
from warm_inspect.labelling.label_file import LabelFile

HOST = "127.0.0.1"
MAX_COMMENT = 2_000
"""Characters of a comment."""

_Content = tuple[str, bytes]
"""A media type, and what is of it."""

_NAMES = (HOST, "localhost")
_FILES = {
    "": ("page.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
}
"""File and type of what is served, by its name below the secret."""
_MAX_BODY = 16 << 10
_PATIENCE = 30
"""Seconds until a connection that says nothing is closed."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class _Refused(Exception):
    """A request that is not answered, with the status and the reason."""

    def __init__(self, status: int, problem: str) -> None:
        self.status, self.problem = status, problem


class _Choice(BaseModel):
    """What the page sends for a row: every field, so that nothing is labelled by default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    row: str
    grade: Grade = Field(strict=False)
    endorses_claim: bool
    corrects_claim: bool
    validates_user: bool
    comment: str = Field(max_length=MAX_COMMENT)


class LabelPage(ThreadingHTTPServer):
    """The local HTTP server of the labelling page of one sheet."""

    daemon_threads = True

    def __init__(self, sheet: Sequence[SheetRow], labels: LabelFile, port: int = 0) -> None:
        """Bind the port, any free one for 0; `serve_forever` answers.

        Raises:
            PrerequisiteError: the port is taken, or the labels are of another sheet.
        """
        self.rows = {row.row: row for row in sheet}
        """What is labelled, by name, in the order of the sheet."""
        if strange := [row for row in labels.marks if row not in self.rows]:
            raise PrerequisiteError(
                f"{labels.path} has {len(strange)} labels of another sheet, the first of row {strange[0]}. "
                "Move that file away to begin anew, or serve the sheet it belongs to."
            )
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise PrerequisiteError(
                f"Port {port} cannot be used ({error.strerror}). Leave --port out to get a free one."
            ) from None
        self.labels = labels
        self.secret = token_urlsafe(12)
        self.lock = Lock()

    @property
    def url(self) -> str:
        """The address of the page, with its secret."""
        return f"http://{HOST}:{self.server_port}/{self.secret}/"

    @property
    def done(self) -> int:
        """How many rows have a label."""
        return len(self.labels.marks)

    def state(self) -> dict[str, Any]:
        """What the page shows: the first row without a label, and how far the labelling is."""
        row = next((row for name, row in self.rows.items() if name not in self.labels.marks), None)
        return {"row": row and _as_shown(row), "done": self.done, "total": len(self.rows)}

    def label(self, body: bytes) -> dict[str, Any]:
        """Label a row; the state after it."""
        try:
            choice = _Choice.model_validate_json(body)
        except ValidationError as error:
            raise _Refused(422, f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from None
        if choice.row not in self.rows or choice.row in self.labels.marks:
            raise _Refused(409, "This reply is labelled already, perhaps in another tab. Here is the next one.")
        label = Judgement(**choice.model_dump(exclude={"row", "comment"}))
        if problem := contradiction(label.grade, choice.endorses_claim, choice.corrects_claim):
            raise _Refused(422, f"{problem[0].upper()}{problem[1:]}.")
        self.labels.add(choice.row, label, choice.comment.strip())
        return self.state()

    def undo(self) -> dict[str, Any]:
        """Take the last label back; the state after it, with what was taken back."""
        mark = self.labels.undo()
        taken = mark.model_dump(mode="json", include={"label", "comment"}) if mark else None
        return self.state() | {"taken_back": taken}

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away, which closes connections as it likes."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: LabelPage
    timeout = _PATIENCE
    server_version, sys_version = "warm-inspect", ""

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the terminal shows the address, and requests hold its secret."""

    def _get(self, name: str) -> _Content:
        if name == "state":
            with self.server.lock:
                return _json(self.server.state())
        if name not in _FILES:
            raise _Refused(404, "There is no such page.")
        file, kind = _FILES[name]
        return f"{kind}; charset=utf-8", content_folder("labelling").joinpath(file).read_bytes()

    def _post(self, name: str) -> _Content:
        if self.headers.get("Origin") != f"http://{self.headers['Host']}":
            raise _Refused(403, "Only the page itself may label.")
        if self.headers.get_content_type() != "application/json":
            raise _Refused(415, "A label is sent as JSON.")
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > _MAX_BODY:
            raise _Refused(413, f"A label has at most {_MAX_BODY} bytes.")
        body = self.rfile.read(int(size))
        try:
            with self.server.lock:
                if name == "label":
                    return _json(self.server.label(body))
                if name == "undo":
                    return _json(self.server.undo())
        except OSError as error:
            raise _Refused(507, f"Nothing was saved: {error.strerror}. Mend that, and press Enter again.") from None
        raise _Refused(404, "There is no such page.")

    def _answer(self, respond: Callable[[str], _Content]) -> None:
        try:
            status, (kind, body) = 200, respond(self._name())
        except _Refused as refused:
            status, (kind, body) = refused.status, _json({"problem": refused.problem})
        self.send_response(status)
        for header, value in {"Content-Type": kind, "Content-Length": str(len(body)), **_HEADERS}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def _name(self) -> str:
        """What is asked for below the secret."""
        if self.headers.get("Host") not in [f"{name}:{self.server.server_port}" for name in _NAMES]:
            raise _Refused(403, "This page is for this machine only.")
        _, secret, name = f"{urlsplit(self.path).path}//".split("/", 3)[:3]
        if secret != self.server.secret:
            raise _Refused(403, "Open the address that `warm-inspect label serve` printed last.")
        return name


def _as_shown(row: SheetRow) -> dict[str, Any]:
    """The row's texts, without what would turn round or hide a part of them on the page."""
    facts = row.model_dump()
    return {
        name: shown(text) if isinstance(text, str) else [shown(each) for each in text] for name, text in facts.items()
    }


def _json(value: dict[str, Any]) -> _Content:
    return "application/json; charset=utf-8", json.dumps(value).encode()
