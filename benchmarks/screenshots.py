"""Takes the README's screenshots of the demo's console with a real Chromium.

    python -m benchmarks.screenshots [--out docs/images]

Runs `waspada demo`, signs in with its one-time token, and photographs the ranking, the first alert, the map and
the time line.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("not run: chromium is not installed")
        return 0
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(
            [sys.executable, "-m", "waspada.cli.main", "demo", "--data", f"{folder}/demo"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            base, token = announced(demo)
            shoot_all(chromium, base, token, args.out)
        finally:
            demo.terminate()
            demo.wait(20)
    return 0


def announced(demo: subprocess.Popen[str]) -> tuple[str, str]:
    """The address and the one-time token that the demo prints."""
    base = token = ""
    for line in demo.stderr or ():
        base = base or next(iter(re.findall(r"http://127\.0\.0\.1:\d+", line)), "")
        token = token or next(iter(re.findall(r"wsp_[\w-]+", line)), "")
        if base and token:
            return base, token
    raise RuntimeError("the demo ended before it said where its console is")


def shoot_all(chromium: str, base: str, token: str, out: Path) -> None:
    with httpx.Client(base_url=base, follow_redirects=True, timeout=30) as client:
        cookies = sign_in(client, token)
        first = next(iter(re.findall(r'href="(/alerts/\d+)', client.get("/alerts").text)), "/")
    shoot(chromium, base, cookies, "/alerts", out / "console.png", (1280, 1000))
    shoot(chromium, base, cookies, first, out / "alert.png", (1280, 1400))
    shoot(chromium, base, cookies, "/alerts", out / "console-phone.png", (390, 1200))
    shoot(chromium, base, cookies, "/map?period=any", out / "map.png", (1280, 1000))
    shoot(chromium, base, cookies, "/timeline", out / "timeline.png", (1280, 1000))


def sign_in(client: httpx.Client, token: str) -> str:
    """Opens a session of the console with a token; returns its cookies as a header. Raises httpx.HTTPStatusError."""
    page = client.get("/login").text
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    origin = str(client.base_url).rstrip("/")
    answer = client.post("/login", data={**fields, "token": token, "purpose": "training"}, headers={"Origin": origin})
    answer.raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def shoot(chromium: str, base: str, cookies: str, path: str, file: Path, size: tuple[int, int]) -> None:
    """One screenshot. Chromium takes no cookie from the command line: a small proxy on loopback adds it.

    Raises RuntimeError when a part of the page could not be had: an empty picture is none.
    """
    with (
        httpx.Client(base_url=base, headers={"Cookie": cookies}, timeout=30) as client,
        proxy(client) as (address, log),
        tempfile.TemporaryDirectory() as profile,
    ):
        size_flag = f"--window-size={size[0]},{size[1]}"
        command = [
            chromium,
            "--headless",
            *FLAGS,
            f"--user-data-dir={profile}",
            size_flag,
            f"--screenshot={file}",
            address + path,
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    if log.get(path) != 200 or any(status >= 400 for status in log.values()):
        raise RuntimeError(f"the page {path} was not loaded: {log}")
    print(f"{file}: {file.stat().st_size // 1024} KiB")


@contextmanager
def proxy(client: httpx.Client) -> Iterator[tuple[str, dict[str, int]]]:
    """Serves what the client may read, on loopback; yields its address and the status of each path asked for.

    Threads, because Chromium holds a connection open that it does not use: a single one would wait for it.
    """
    log: dict[str, int] = {}

    class WithCookie(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = client.get(self.path)
            log[self.path] = answer.status_code
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("content-type", "text/html"))
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), WithCookie)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", log
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())
