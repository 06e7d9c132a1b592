"""A server that speaks the part of Google Cloud Storage's XML API that warehouses need, in memory.

    python3 gcs.py BUCKET…

Says where it listens and serves these buckets until it is ended. The emulator on PyPI has the JSON API alone, which
warehouses do not use.

Implemented as https://docs.cloud.google.com/storage/docs/xml-api/overview says: objects put (also in parts), got (also
in ranges and on conditions), looked at, removed and listed (version 2, in pages that are shorter than Google's so that
there are several). `x-goog-if-generation-match` is one step with the write. What is not known is answered with 501, and
nobody is asked for credentials.
"""

import hashlib
import re
import sys
import threading
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

PAGE = 50
KNOWN = {"x-goog-if-generation-match"}


class Refusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Stored:
    """An object."""

    def __init__(self, content: bytes, generation: int) -> None:
        self.content, self.generation = content, generation
        self.etag = tag(content)
        self.modified = datetime.now(timezone.utc)


class Buckets:
    """All objects. The lock makes a condition and what depends on it one step."""

    def __init__(self, names: list[str]) -> None:
        self.objects: dict[str, dict[str, Stored]] = {name: {} for name in names}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.lock = threading.Lock()
        self.generation = 0

    def of(self, bucket: str) -> dict[str, Stored]:
        """The objects of a bucket."""
        if bucket not in self.objects:
            raise Refusal(404, "NoSuchBucket")
        return self.objects[bucket]

    def get(self, bucket: str, key: str) -> Stored:
        """An object."""
        with self.lock:
            found = self.of(bucket).get(key)
        if found is None:
            raise Refusal(404, "NoSuchKey")
        return found

    def put(self, bucket: str, key: str, content: bytes, generation: str | None) -> Stored:
        """Writes an object if what is there has this generation, or nothing is there and it is 0."""
        with self.lock:
            there = self.of(bucket).get(key)
            if generation is not None and int(generation) != (there.generation if there else 0):
                raise Refusal(412, "PreconditionFailed")
            self.generation += 1
            stored = self.of(bucket)[key] = Stored(content, self.generation)
            return stored

    def remove(self, bucket: str, key: str) -> None:
        """Removes an object."""
        with self.lock:
            if self.of(bucket).pop(key, None) is None:
                raise Refusal(404, "NoSuchKey")

    def begin(self, bucket: str) -> str:
        """Begins an upload in parts; gives its id."""
        with self.lock:
            self.of(bucket)
            self.generation += 1
            upload = f"upload-{self.generation}"
            self.uploads[upload] = {}
            return upload

    def parts(self, upload: str) -> dict[int, bytes]:
        """The parts of an upload."""
        if upload not in self.uploads:
            raise Refusal(404, "NoSuchUpload")
        return self.uploads[upload]

    def complete(self, bucket: str, key: str, upload: str, asked: list[tuple[int, str]]) -> Stored:
        """Makes an object of the parts that are asked for."""
        parts = self.parts(upload)
        for number, etag in asked:
            if number not in parts or tag(parts[number]) != etag:
                raise Refusal(400, "InvalidPart")
        stored = self.put(bucket, key, b"".join(parts[number] for number, _ in asked), None)
        del self.uploads[upload]
        return stored

    def page(self, bucket: str, prefix: str, delimiter: str, after: str, most: int) -> tuple[list, list[str], str]:
        """Objects and common prefixes behind a name, and the last name if there are more."""
        with self.lock:
            objects = sorted(self.of(bucket).items())
        found, folders, last = [], [], ""
        for key, stored in objects:
            if not key.startswith(prefix) or key <= after or (folders and key.startswith(folders[-1])):
                continue
            if len(found) + len(folders) == most:
                return found, folders, last
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            if end < 0:
                found.append((key, stored))
                last = key
            else:
                folders.append(key[: end + 1])
                last = folders[-1] + "\U0010ffff"
        return found, folders, ""


def tag(content: bytes) -> str:
    """The ETag of some bytes."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together, or every answer waits for the client's acknowledgement of its head
    buckets: Buckets

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Sends an answer; to HEAD its head alone."""
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def document(self, name: str, content: str) -> None:
        """Sends an XML document."""
        body = f'<?xml version="1.0" encoding="UTF-8"?><{name}>{content}</{name}>'.encode()
        self.answer(200, body, Content_Type="application/xml")

    def handle_request(self) -> None:
        """Reads a request, does it and answers."""
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        bucket, _, key = path.lstrip("/").partition("/")
        asked = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        try:
            unknown = {name.lower() for name in self.headers if name.lower().startswith("x-goog-")} - KNOWN
            if unknown:
                raise Refusal(501, "NotImplemented")
            self.dispatch(unquote(bucket), unquote(key), asked, body)
        except Refusal as refusal:
            text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{refusal.code}</Code></Error>"
            self.answer(refusal.status, text.encode(), Content_Type="application/xml")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_request

    def dispatch(self, bucket: str, key: str, asked: dict[str, str], body: bytes) -> None:
        """One kind of request after the other."""
        match self.command, bool(key), sorted(asked):
            case "GET" | "HEAD", True, []:
                self.send(self.buckets.get(bucket, key))
            case "GET", False, names if asked.get("list-type") == "2":
                if set(names) - {"list-type", "prefix", "delimiter", "continuation-token", "start-after", "max-keys"}:
                    raise Refusal(501, "NotImplemented")
                self.list(bucket, asked)
            case "PUT", True, []:
                generation = self.headers.get("x-goog-if-generation-match")
                self.written(self.buckets.put(bucket, key, body, generation))
            case "PUT", True, ["partNumber", "uploadId"]:
                self.buckets.parts(asked["uploadId"])[int(asked["partNumber"])] = body
                self.answer(200, ETag=tag(body))
            case "POST", True, ["uploads"]:
                self.document("InitiateMultipartUploadResult", f"<UploadId>{self.buckets.begin(bucket)}</UploadId>")
            case "POST", True, ["uploadId"]:
                named = ElementTree.fromstring(body).iter("Part")
                parts = [(int(part.findtext("PartNumber")), part.findtext("ETag")) for part in named]
                stored = self.buckets.complete(bucket, key, asked["uploadId"], parts)
                self.document("CompleteMultipartUploadResult", f"<ETag>{escape(stored.etag)}</ETag>")
            case "DELETE", True, ["uploadId"]:
                self.buckets.parts(asked["uploadId"])
                del self.buckets.uploads[asked["uploadId"]]
                self.answer(204)
            case "DELETE", True, []:
                self.buckets.remove(bucket, key)
                self.answer(204)
            case _:
                raise Refusal(501, "NotImplemented")

    def written(self, stored: Stored) -> None:
        """Says what an object is now."""
        self.answer(200, ETag=stored.etag, x_goog_generation=str(stored.generation))

    def send(self, stored: Stored) -> None:
        """Sends an object, or the range that is asked for."""
        content, head = stored.content, {"ETag": stored.etag, "x_goog_generation": str(stored.generation)}
        head["Last_Modified"] = format_datetime(stored.modified, usegmt=True)
        if self.headers.get("If-Match", stored.etag) != stored.etag:
            raise Refusal(412, "PreconditionFailed")
        if self.headers.get("If-None-Match") == stored.etag:
            return self.answer(304, **head)
        if "Range" not in self.headers:
            return self.answer(200, content, **head)
        first, last = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers["Range"]).groups()
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last) + 1, len(content)) if first and last else len(content)
        if start >= end:
            raise Refusal(416, "InvalidRange")
        head["Content_Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        return self.answer(206, content[start:end], **head)

    def list(self, bucket: str, asked: dict[str, str]) -> None:
        """Sends a page of a bucket."""
        after = asked.get("continuation-token") or asked.get("start-after", "")
        most = min(int(asked.get("max-keys", PAGE)), PAGE)
        page = self.buckets.page(bucket, asked.get("prefix", ""), asked.get("delimiter", ""), after, most)
        found, folders, last = page
        text = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(stored.content)}</Size><ETag>{escape(stored.etag)}</ETag>"
            f"<LastModified>{stored.modified:%Y-%m-%dT%H:%M:%S.%f}Z</LastModified></Contents>"
            for key, stored in found
        )
        text += "".join(f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>" for folder in folders)
        text += f"<NextContinuationToken>{escape(last)}</NextContinuationToken>" if last else ""
        self.document("ListBucketResult", f"{text}<IsTruncated>{str(bool(last)).lower()}</IsTruncated>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """Threads that end with it."""

    daemon_threads = True
    request_queue_size = 64


Handler.buckets = Buckets(sys.argv[1:])
server = Server(("127.0.0.1", 0), Handler)
print("listens on http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
