"""A bad line between a telephone and the city: late, losing, or cut.

A small proxy of the tests' own. It understands as much HTTP as it needs to tell one request from the next: a
telephone's browser sends them one after the other on a connection.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

_REQUEST = re.compile(rb"(GET|POST|HEAD) (\S+) HTTP/1\.1\r\n")


@dataclass
class ThinLine:
    """What the line does to whatever passes. `delay_s` is one way; `loss` the share of requests that break off,
    half of them before they reach the city, half after it has answered."""

    to_port: int
    delay_s: float = 0.0
    loss: float = 0.0
    cut: bool = False
    lose_answers_to: str = ""  # a path: the next answers to it are lost after the city has given them
    answers_to_lose: int = 0
    seed: int = 1
    port: int = 0
    lost_before: list[str] = field(default_factory=list)
    lost_after: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fate(self, path: str) -> str:
        """Decide about one request: `""`, `before` or `after`."""
        self.seen.append(path)
        if self.answers_to_lose and path == self.lose_answers_to:
            self.answers_to_lose -= 1
            self.lost_after.append(path)
            return "after"
        if self._chance.random() >= self.loss:
            return ""
        before = self._chance.random() < 0.5
        (self.lost_before if before else self.lost_after).append(path)
        return "before" if before else "after"


@contextmanager
def thin_line(to_port: int, **manner: object) -> Iterator[ThinLine]:
    line = ThinLine(to_port, **manner)  # type: ignore[arg-type]  # passed on as named
    loop = asyncio.new_event_loop()  # in a thread of its own: the browser's driver keeps one in this one
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.start_server(lambda reader, writer: _serve(line, reader, writer), "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(10)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(line: ThinLine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if line.cut:
        writer.transport.abort()
        return
    to_reader, to_writer = await asyncio.open_connection("127.0.0.1", line.to_port)
    state = {"after": False}
    try:
        await asyncio.gather(
            _requests(line, reader, to_writer, writer, state), _answers(line, to_reader, writer, to_writer, state)
        )
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.transport.abort()
        to_writer.transport.abort()


async def _requests(
    line: ThinLine,
    reader: asyncio.StreamReader,
    to_writer: asyncio.StreamWriter,
    writer: asyncio.StreamWriter,
    state: dict[str, bool],
) -> None:
    while chunk := await reader.read(65536):
        if line.cut:
            raise ConnectionResetError
        begins = _REQUEST.match(chunk)
        if begins:
            fate = line.fate(begins[2].decode())
            if fate == "before":
                raise ConnectionResetError
            state["after"] = fate == "after"
        await _later(line, to_writer, chunk)
    to_writer.write_eof()


async def _answers(
    line: ThinLine,
    to_reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    to_writer: asyncio.StreamWriter,
    state: dict[str, bool],
) -> None:
    while chunk := await to_reader.read(65536):
        # The city answers after its commit: breaking here is the answer lost, not the deed.
        if line.cut or state["after"]:
            raise ConnectionResetError
        await _later(line, writer, chunk)
    raise ConnectionResetError


async def _later(line: ThinLine, writer: asyncio.StreamWriter, chunk: bytes) -> None:
    if line.delay_s:
        # In order, because each next moment is later; without waiting, because a line is late, not narrow.
        asyncio.get_running_loop().call_later(line.delay_s, writer.write, chunk)
    else:
        writer.write(chunk)
        await writer.drain()
