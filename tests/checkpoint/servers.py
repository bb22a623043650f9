"""Storages to test against: moto for S3, gcp-storage-emulator for Google's, a small WebHDFS of our own."""

import contextlib
import http.server
import json
import os
import shutil
import socket
import threading
import time
import urllib.parse
import urllib.request


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def s3():
    """An S3 server; yields its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    finally:
        server.stop()


@contextlib.contextmanager
def google():
    """A server like Google's Cloud Storage, with a bucket `bucket`; yields its address."""
    from gcp_storage_emulator.server import create_server

    port = free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="bucket")
    server.start()
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/storage/v1/b/bucket").close()
            break
        time.sleep(0.05)
    try:
        yield address
    finally:
        server.stop()


class _WebHDFS(http.server.BaseHTTPRequestHandler):
    """The REST calls that fsspec makes, on a folder of the local disk, with the traps of the real thing.

    A rename does not replace: it answers {"boolean": false}, and fsspec does not look at that.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm, wbufsize = True, -1  # else every answer waits for 40 ms

    def log_message(self, *args):
        """Nothing on the screen."""

    def _answer(self, status, content=b"", **headers):
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _missing(self):
        error = {"exception": "FileNotFoundException", "javaClassName": "x", "message": self.path}
        self._answer(404, {"RemoteException": error})

    def _handle(self):
        url = urllib.parse.urlsplit(self.path)
        arguments = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        inner = urllib.parse.unquote(url.path).removeprefix("/webhdfs/v1").strip("/")
        path = os.path.join(self.server.root, inner)
        op = arguments["op"].upper()
        self.server.requests.append((op, inner))
        if op in ("CREATE", "APPEND", "OPEN") and "datanode" not in arguments:
            if op == "OPEN" and not os.path.exists(path):
                return self._missing()
            host = self.headers["Host"]
            return self._answer(307, Location=f"http://{host}{self.path}&datanode=1")
        return getattr(self, f"_{op.lower()}")(path, arguments, body)

    do_GET = do_PUT = do_POST = do_DELETE = _handle

    def _create(self, path, arguments, body):
        if os.path.exists(path) and arguments.get("overwrite") != "true":
            return self._answer(403, {"RemoteException": {"exception": "FileAlreadyExistsException"}})
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body)
        self._answer(201)

    def _append(self, path, arguments, body):
        with open(path, "ab") as file:
            file.write(body)
        self._answer(200)

    def _open(self, path, arguments, body):
        with open(path, "rb") as file:
            file.seek(int(arguments.get("offset", 0)))
            self._answer(200, file.read(int(arguments["length"])) if "length" in arguments else file.read())

    def _getfilestatus(self, path, arguments, body):
        self._answer(200, {"FileStatus": _status(path)}) if os.path.exists(path) else self._missing()

    def _liststatus(self, path, arguments, body):
        if not os.path.exists(path):
            return self._missing()
        names = sorted(os.listdir(path)) if os.path.isdir(path) else [""]
        found = [_status(os.path.join(path, name), name) for name in names]
        self._answer(200, {"FileStatuses": {"FileStatus": found}})

    def _mkdirs(self, path, arguments, body):
        os.makedirs(path, exist_ok=True)
        self._answer(200, {"boolean": True})

    def _rename(self, path, arguments, body):
        new = os.path.join(self.server.root, arguments["destination"].strip("/"))
        possible = os.path.exists(path) and not os.path.exists(new) and not self.server.refuses_renames
        if possible:
            os.rename(path, new)
        self._answer(200, {"boolean": possible})

    def _delete(self, path, arguments, body):
        there = os.path.exists(path)
        if there:
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        self._answer(200, {"boolean": there})


def _status(path, name=""):
    found, folder = os.stat(path), os.path.isdir(path)
    when = int(found.st_mtime * 1000)
    return {
        "pathSuffix": name, "type": "DIRECTORY" if folder else "FILE", "length": 0 if folder else found.st_size,
        "modificationTime": when, "accessTime": when, "blockSize": 1 << 27, "replication": 1, "owner": "student",
        "group": "students", "permission": "644",
    }  # fmt: skip


@contextlib.contextmanager
def webhdfs(root):
    """A WebHDFS on the folder `root`; yields the server: `.port`, `.requests`, `.refuses_renames`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _WebHDFS)
    server.root, server.requests, server.refuses_renames = str(root), [], False
    server.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
