"""A real API process with routes that fail in bad ways, to see what its log says.

python -m tests.logs.server DATA PORT
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from pathlib import Path

from fastapi import FastAPI

import api.app as application
from waspada.cli.children import api_main
from waspada.cli.supervisor import ChildSpec, _child_main
from waspada.settings import Settings

SECRET = "Sarwanto Dilaga"


def main(data: Path, port: int) -> None:
    settings = Settings(data_dir=data, log_format="json")
    made = application.create_app

    def create_app(*args: object, **given: object) -> FastAPI:
        app = made(*args, **given)  # type: ignore[arg-type]

        @app.get("/crash/{item}", include_in_schema=False)
        def crash(item: str) -> None:
            try:
                raise ValueError(f"kutipan dari berita: {SECRET}, {item}")
            except ValueError as error:
                raise KeyError(f"hubungi ani@surel.example {SECRET}") from error

        @app.get("/noise", include_in_schema=False)
        def noise() -> str:
            logging.getLogger("pustaka.lain").error(
                "gagal untuk budi@surel.example, 0812-3456-7890, NIK 6303054107900001, Bearer abcdefghijklmnop, "
                "postgresql://waspada:sandi-rahasia@db.example/x, https://x.example/?token=kunci-rahasia"
            )
            threading.Thread(target=lambda: 1 / 0).start()
            return "ok"

        @app.get("/end", include_in_schema=False)
        def end() -> None:
            os._exit(0)

        return app

    application.create_app = create_app
    listener = socket.create_server(("127.0.0.1", port))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    _child_main(ChildSpec("api", api_main, (settings, listener)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
