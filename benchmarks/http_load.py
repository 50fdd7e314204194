"""A bounded load on the verify service: 8 connections for some seconds; prints good answers a second.

Plain sockets and prepared requests, so that the load generator costs little beside the server. It polls: a generator
that sleeps has to be woken for every answer, and on a virtual machine the server would pay for that.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle

CONNECTIONS = 8


class Connection:
    """One request after the other on one connection."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests: Iterator[bytes] = cycle(requests)
        self._got = b""

    def ask(self) -> None:
        """Send the next request."""
        self.socket.sendall(next(self._requests))

    def answered(self) -> bool:
        """Read what has come; whether it is a whole answer, and a good one."""
        self._got += self.socket.recv(65536)
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            if not head:
                raise SystemExit("the service closed the connection")
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(self._got.decode())
        start = head.index(b"Content-Length: ") + 16
        length = int(head[start:].partition(b"\r\n")[0])
        if len(body) < length:
            return False
        if len(body) > length:
            raise SystemExit("more than one answer")
        self._got = b""
        return True


def run(connections: list[Connection], seconds: float) -> float:
    """Good answers a second."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection.socket, select.POLLIN)
        connection.ask()
    by_number = {connection.socket.fileno(): connection for connection in connections}
    start = now = time.perf_counter()
    count, waiting = 0, len(connections)
    while waiting:
        for number, _ in poll.poll(0):
            if by_number[number].answered():
                now = time.perf_counter()
                count += 1
                if now < start + seconds:
                    by_number[number].ask()
                else:
                    waiting -= 1
    return count / (now - start)


def load(port: int, seconds: float, bodies: list[bytes]) -> float:
    """Good answers a second, after a second of warming up."""
    head = (
        "POST /verifiers/default/credentials/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    )
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    connections = [Connection(port, requests) for _ in range(CONNECTIONS)]
    run(connections, 1)
    return run(connections, seconds)


if __name__ == "__main__":
    texts = [text.encode() for text in json.load(sys.stdin)]
    print(load(int(sys.argv[1]), min(float(sys.argv[2]), 30), texts))
