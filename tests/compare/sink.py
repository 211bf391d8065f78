"""A slow webhook receiver on loopback: 16 requests at a time, each takes 10 ms. It remembers the last state of every group.

Prints `listening on http://HOST:PORT`. GET /firing, /groups and /requests answer with numbers.
"""

import asyncio
import collections
import re
import resource

AT_A_TIME = 16
TAKES = 0.010

last = {}
requests = 0
busy = 0
waiting = collections.deque()
GROUP = re.compile(rb'"groupKey":"((?:[^"\\]|\\.)*)"')
STATUS = re.compile(rb'"status":"(firing|resolved)"')
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"


def answer_to_get(path):
    firing = sum(1 for state in last.values() if state == b"firing")
    return {b"/firing": firing, b"/groups": len(last), b"/requests": requests}.get(path, 0)


def top_level_status(body):
    """The message fires if any alert does; every alert has a status of its own beside it."""
    return b"firing" if b"firing" in STATUS.findall(body) else b"resolved"


class Receiver(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.received = b""

    def data_received(self, data):
        self.received += data
        while True:
            head, found, rest = self.received.partition(b"\r\n\r\n")
            if not found:
                return
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            length = int(length.group(1)) if length else 0
            if len(rest) < length:
                return
            self.received = rest[length:]
            if head.startswith(b"GET "):
                text = str(answer_to_get(head.split(b" ", 2)[1])).encode()
                self.transport.write(ANSWER % (len(text), text))
            else:
                admit(self, rest[:length])


def admit(receiver, body):
    global busy
    if busy == AT_A_TIME:
        waiting.append((receiver, body))
        return
    busy += 1
    asyncio.get_running_loop().call_later(TAKES, finish, receiver, body)


def finish(receiver, body):
    global busy, requests
    requests += 1
    group = GROUP.search(body)
    # who has hung up does not know that it arrived
    if group and not receiver.transport.is_closing():
        last[group.group(1)] = top_level_status(body)
        receiver.transport.write(ANSWER % (0, b""))
    busy -= 1
    if waiting:
        admit(*waiting.popleft())


async def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0, backlog=4096)
    host, port = server.sockets[0].getsockname()
    print(f"listening on http://{host}:{port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
