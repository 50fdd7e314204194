"""A bounded load on the verify service: 8 connections for some seconds; prints good answers a second.

Plain sockets and prepared requests, so that the load generator costs little beside the server.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time


async def connection(port: int, requests: list[bytes], until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    try:
        while time.perf_counter() < until:
            writer.write(requests[count % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            length = next(int(h[16:]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length: "))
            await reader.readexactly(length)
            count += 1
    finally:
        writer.close()
    return count


async def load(port: int, seconds: float, bodies: list[bytes]) -> float:
    head = (
        "POST /verifiers/default/credentials/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    )
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    await asyncio.gather(*(connection(port, requests, time.perf_counter() + 1) for _ in range(8)))
    start = time.perf_counter()
    counts = await asyncio.gather(*(connection(port, requests, start + seconds) for _ in range(8)))
    return sum(counts) / (time.perf_counter() - start)


if __name__ == "__main__":
    texts = [text.encode() for text in json.load(sys.stdin)]
    print(asyncio.run(load(int(sys.argv[1]), min(float(sys.argv[2]), 30), texts)))
