"""A way to a server that fails at one request, as ways over the internet do.

    python3 proxy.py HOST:PORT

Passes requests on to HOST:PORT and prints the address it listens on. A line on standard input, `KIND N`, makes the
N-th request from now (over all connections, from 1) meet that fate; the answer is a line `ready`. With `KIND each` every
request meets it once: who then asks the same again is let pass, and who asks once more is a request of its own. The line
`count` answers how many requests came since, how many were met, and which one was the last: `17 1 PUT /warehouse/…`, or
`17 0 -`.

KIND is one of
    500       an internal error, in place of the server's answer
    503       the same with SlowDown
    reset     the connection is reset before the request reaches the server; conditional puts pass and are not counted
    unsent    the same for conditional puts only
    never     so does no conditional put from the N-th on arrive; all else does
    lost      the connection is reset after the server has done what was asked
    slow      the answer comes in small pieces and ends in its middle
    412, 409  a conditional put is done, and answered with this status; only these are counted
    gone      from the N-th request on every connection is reset
    away      from the N-th conditional put on every connection is reset
    none      nothing happens
"""

import asyncio
import socket
import struct
import sys

ERROR = "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code><Message>made up by a test</Message></Error>"
CODES = {500: "InternalError", 503: "SlowDown", 412: "PreconditionFailed", 409: "ConditionalRequestConflict"}
CONDITIONAL = ("412", "409", "unsent", "never", "away")
PIECE, PAUSE = 512, 0.01


class Fate:
    """What happens to which request."""

    def __init__(self, kind: str = "none", at: str = "0") -> None:
        self.kind = kind
        self.at = None if at == "each" else int(at)
        self.seen, self.struck, self.met = 0, 0, "-"
        self.asked_again: set[str] = set()

    def of(self, line: str, headers: dict[str, str]) -> str:
        """The fate of this request."""
        is_gone = self.kind in ("gone", "away") and self.struck > 0
        is_conditional = "if-none-match" in headers
        is_other = is_conditional if self.kind == "reset" else self.kind in CONDITIONAL and not is_conditional
        if is_other and not is_gone:
            return "none"
        self.seen += 1
        if not (is_gone or self.strikes(line)):
            return "none"
        self.struck += 1
        self.met = line.rsplit(" ", 1)[0]
        return self.kind

    def strikes(self, line: str) -> bool:
        """Whether it is the turn of this request."""
        if self.kind == "never":
            return self.seen >= (self.at or 1)
        if self.at is not None:
            return self.seen == self.at
        if line in self.asked_again:
            self.asked_again.discard(line)
            return False
        self.asked_again.add(line)
        return True


fate_now = Fate()


async def message(reader: asyncio.StreamReader, is_head: bool = False) -> tuple[str, dict[str, str], bytes, bytes]:
    """First line, headers, and the bytes of head and body of a request or an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while True:
            size = await reader.readuntil(b"\r\n")
            chunk = await reader.readexactly(int(size.split(b";")[0], 16) + 2)
            body += size + chunk
            if chunk == b"\r\n":
                break
    elif not is_head:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return first, headers, head, body


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection by a reset, not in good order."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


def refuse(writer: asyncio.StreamWriter, status: int, line: str) -> None:
    """Answers with an error of the storage."""
    body = "" if line.startswith("HEAD") else ERROR.format(code=CODES[status])
    head = f"HTTP/1.1 {status} Made Up\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write((head + body).encode())


async def serve(host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    server = None
    try:
        while True:
            line, headers, head, body = await message(reader)
            fate = fate_now.of(line, headers)
            if fate in ("reset", "unsent", "never", "gone", "away"):
                return reset(writer)
            if fate in ("500", "503"):
                refuse(writer, int(fate), line)
                continue
            server = server or await asyncio.open_connection(host, port)
            server[1].write(head + body)
            _, answered, head, body = await message(server[0], is_head=line.startswith("HEAD"))
            if answered.get("connection", "").lower() == "close":
                server[1].close()
                server = None
            if fate == "lost":
                return reset(writer)
            if fate in ("412", "409"):
                refuse(writer, int(fate), line)
                continue
            if fate == "slow":
                whole = head + body
                for start in range(0, len(whole) // 2, PIECE):
                    writer.write(whole[start : min(start + PIECE, len(whole) // 2)])
                    await writer.drain()
                    await asyncio.sleep(PAUSE)
                return reset(writer)
            writer.write(head + body)
            await writer.drain()
            if answered.get("connection", "").lower() == "close":
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        for open_writer in (writer, server and server[1]):
            if open_writer:
                open_writer.close()


async def main() -> None:
    """Listens until standard input ends."""
    global fate_now
    host, port = sys.argv[1].rsplit(":", 1)
    listening = await asyncio.start_server(lambda r, w: serve(host, int(port), r, w), "127.0.0.1", 0, limit=1 << 26)
    print("127.0.0.1:%d" % listening.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() == "count":
            print(fate_now.seen, fate_now.struck, fate_now.met, flush=True)
        else:
            kind, at = line.split()
            fate_now = Fate(kind, at)
            print("ready", flush=True)


asyncio.run(main())
