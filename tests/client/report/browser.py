#!/usr/bin/env python3
"""Opens comparison reports in headless Chromium and checks that they work and stand alone.

Of each page, light and dark: no error or warning on the console, no request but for the page itself,
every chart drawn with marks, nothing wider than the window. Needs Debian's chromium (cmake/setup.sh
test-full), and so belongs to `make test-full`.

Exit status: 0 all pages pass, 1 one does not, 2 bad arguments.

Example: tests/client/report/browser.py build/comparison.html --pictures build/report-pictures
"""
import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

WIDTH = 1200
PATIENCE_MS = 60_000

# Resolves when page.js is done.
DRAWN = f"""new Promise((resolve, reject) => {{
  const from = performance.now();
  (function look() {{
    if (document.documentElement?.dataset.charts === "done") resolve(true);
    else if (performance.now() - from > {PATIENCE_MS}) reject(new Error("charts are not drawn"));
    else setTimeout(look, 20);
  }})();
}})"""

# A mark is a shape or a text that belongs to data, not to an axis or a legend.
FACTS = """(() => ({
  charts: Array.from(document.querySelectorAll("figure[data-chart]"), (figure) => ({
    id: figure.id, state: figure.dataset.state,
    marks: figure.querySelectorAll("svg .role-mark path, svg .role-mark line, svg .role-mark text").length,
  })),
  images: Array.from(document.images, (image) => image.naturalWidth),
  words: document.body.innerText.length,
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  injected: "injected" in window,
}))()"""


class Browser:
    """Chromium, driven by its DevTools protocol over two pipes: messages end with a zero byte."""

    def __init__(self, profile: str):
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        def connect():
            # The numbers that Chromium wants; the copies above 9 keep one from hiding the other.
            reader, writer = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        self._process = subprocess.Popen(
            ["chromium", "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--hide-scrollbars", f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=connect, close_fds=True, pass_fds=(3, 4))
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self.events = []

    def _receive(self) -> dict:
        while b"\0" not in self._buffer:
            chunk = os.read(self._read, 1 << 20)
            if not chunk:
                raise RuntimeError("chromium ended")
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method: str, session: str = None, **parameters) -> dict:
        """Calls a method and returns its result; events that come meanwhile are kept in `events`."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        if session:
            request["sessionId"] = session
        os.write(self._write, json.dumps(request).encode() + b"\0")
        while True:
            message = self._receive()
            if message.get("id") != self._number:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']}")
            else:
                return message["result"]

    def evaluate(self, session: str, expression: str):
        result = self.call("Runtime.evaluate", session, expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def close(self):
        self.call("Browser.close")
        self._process.wait(timeout=30)


def troubles_of(events: list, page: str) -> list:
    """Returns what the browser said against the page, and what the page asked for."""
    troubles = []
    for event in events:
        method, given = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            troubles.append(f"exception: {given['exceptionDetails'].get('exception', {}).get('description')}")
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning", "assert"):
            troubles.append(f"console: {[a.get('value', a.get('description')) for a in given['args']]}")
        elif method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            troubles.append(f"log: {given['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            url = given["request"]["url"]
            if url.split("#")[0] != page and not url.startswith("data:"):
                troubles.append(f"request: {url[:200]}")
    return troubles


def faults_of(facts: dict) -> list:
    """Returns what is wrong with what the page shows."""
    faults = [f"chart {chart['id']}: {chart['state']}, {chart['marks']} marks"
              for chart in facts["charts"] if chart["state"] != "drawn" or chart["marks"] == 0]
    if 0 in facts["images"]:
        faults.append("an image does not load")
    if facts["words"] < 100:
        faults.append("the page is nearly empty")
    if facts["overflow"] > 0:
        faults.append(f"the page is {facts['overflow']} pixels wider than the window")
    if facts["injected"]:
        faults.append("text of a report ran as code")
    return faults


def take_pictures(browser: Browser, session: str, path: pathlib.Path, scheme: str):
    height = browser.evaluate(session, "document.documentElement.scrollHeight")
    browser.call("Emulation.setDeviceMetricsOverride", session, width=WIDTH, height=height,
                 deviceScaleFactor=1, mobile=False)
    picture = browser.call("Page.captureScreenshot", session, format="png")
    path.with_suffix(f".{scheme}.png").write_bytes(base64.b64decode(picture["data"]))
    if scheme == "dark":
        paper = browser.call("Page.printToPDF", session, printBackground=True, preferCSSPageSize=True)
        path.with_suffix(".pdf").write_bytes(base64.b64decode(paper["data"]))


def check(browser: Browser, page: pathlib.Path, scheme: str, width: int, pictures: pathlib.Path) -> list:
    """Opens a page in a tab of its own and returns what is wrong."""
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable", session)
    browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900,
                 deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", session,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    url = page.resolve().as_uri()
    browser.call("Page.navigate", session, url=url)
    try:
        browser.evaluate(session, DRAWN)
        facts = browser.evaluate(session, FACTS)
        faults = faults_of(facts)
        if pictures and width == WIDTH:
            take_pictures(browser, session, pictures / page.name, scheme)
        print(f"{page.name}, {scheme}, {width} wide: {len(facts['charts'])} charts, "
              f"{sum(chart['marks'] for chart in facts['charts'])} marks, {len(facts['images'])} images")
    except RuntimeError as error:
        faults = [str(error)]
    faults += troubles_of(browser.events, url)
    browser.call("Target.closeTarget", targetId=target)
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pages", nargs="+", type=pathlib.Path, metavar="PAGE")
    parser.add_argument("--pictures", type=pathlib.Path, help="folder for screenshots and a PDF of each")
    options = parser.parse_args()
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    failed = passed = 0
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        for page in options.pages:
            for scheme, width in (("light", WIDTH), ("dark", WIDTH), ("light", 400)):
                faults = check(browser, page, scheme, width, options.pictures)
                for fault in faults:
                    print(f"{page.name}, {scheme}, {width} wide: {fault}", file=sys.stderr)
                failed += bool(faults)
                passed += not faults
        browser.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
