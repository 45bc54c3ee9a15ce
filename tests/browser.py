"""A headless Chromium that a test types into, driven over a pipe: no package and no port."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe")


class Tab:
    """One tab of a browser, by the DevTools protocol."""

    def __init__(self, send: Any, receive: Any) -> None:
        self._send, self._receive, self._id, self._session = send, receive, 0, ""
        self.complaints: list[str] = []
        """What the browser wrote to its console: violations of the policy, errors of scripts."""
        self.dialogs: list[str] = []
        """What the page said in dialogs, which are closed at once."""
        self.requests: list[str] = []
        """The addresses that the page was loaded from, and those that it asked for."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Runtime.enable")
        self._call("Log.enable")
        self._call("Page.enable")
        self._call("Network.enable")

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def size(self, width: int, height: int) -> None:
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", captureBeyondViewport=True)["data"]))

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by their names in the DOM."""
        for key in keys:
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            code = {"Enter": 13, "Escape": 27}.get(key, ord(key.upper()) if len(key) == 1 else 0)
            facts = {"key": key, "windowsVirtualKeyCode": code}
            self._call("Input.dispatchKeyEvent", type="keyDown", **facts, **({"text": text} if text else {}))
            self._call("Input.dispatchKeyEvent", type="keyUp", **facts)

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def text(self, id: str) -> str:
        return str(self.value(f"document.getElementById({id!r}).textContent"))

    def wait(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        for _ in range(1500):
            if self.value(f"Boolean({expression})"):
                return
            self.value("new Promise((done) => setTimeout(done, 20))")
        raise AssertionError(f"never true: {expression}")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        asked = self._write(method, parameters)
        while True:
            answer = json.loads(self._next())
            if answer.get("method") == "Log.entryAdded":
                self.complaints.append(answer["params"]["entry"]["text"])
            elif answer.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(answer["params"]["exceptionDetails"]))
            elif answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            elif answer.get("method") == "Page.javascriptDialogOpening":
                self.dialogs.append(answer["params"]["message"])
                self._write("Page.handleJavaScriptDialog", {"accept": True})
            elif answer.get("id") == asked:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def _write(self, method: str, parameters: dict[str, Any]) -> int:
        """Send a call, and give its number."""
        self._id += 1
        message = {"id": self._id, "method": method, "params": parameters}
        session = {"sessionId": self._session} if self._session else {}
        self._send.write(json.dumps(message | session).encode() + b"\0")
        self._send.flush()
        return self._id

    def _next(self) -> bytes:
        message = bytearray()
        while (byte := self._receive.read(1)) != b"\0":
            if not byte:
                raise AssertionError("the browser has ended")
            message += byte
        return bytes(message)


@contextmanager
def tab(profile: Path) -> Iterator[Tab]:
    """A tab of a new browser with this profile folder."""
    assert CHROMIUM
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    command = f'exec "$@" 3<&{their_in} 4>&{their_out}'
    browser = subprocess.Popen(
        ["bash", "-c", command, "bash", CHROMIUM, *_FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(their_in, their_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_in)
    os.close(their_out)
    try:
        with os.fdopen(our_out, "wb") as send, os.fdopen(our_in, "rb") as receive:
            yield Tab(send, receive)
    finally:
        browser.kill()
        browser.wait()
