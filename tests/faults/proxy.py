"""A TCP proxy in a process of its own. Each route leads to one server and can be cut, frozen, slowed or falsified.

`Proxy` is the test's end. The other end is this file as a program, which reads one JSON command per line.
"""

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Literal, Self

Mode = Literal["pass", "refuse", "freeze", "mute", "fail"]

_HTTP_500 = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_READ_BYTES = 64 * 1024


@dataclass(frozen=True)
class Weather:
    """How a route behaves. All but `freeze` and a mere `delay_s` close the open connections, and so does the end of
    `mute`, because no real network loses bytes in the middle of a connection.

    refuse: connections are reset immediately. freeze: nothing passes and nothing is closed. mute: requests pass,
    answers are dropped. fail: every request is answered with HTTP 500.
    `delay_s` delays each packet; `cut_after_bytes` cuts each answer; `lie` replaces bytes in answers.
    """

    mode: Mode = "pass"
    delay_s: float = 0.0
    cut_after_bytes: int | None = None
    lie: tuple[str, str] | None = None


class Proxy:
    """Routes by name. They end with the `with` block."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def route(self, name: str, port: int) -> int:
        """Opens a route to `port` of 127.0.0.1. Returns the port to connect to."""
        return int(self._ask("route", name=name, port=port))

    def set(self, name: str, weather: Weather) -> None:
        """Returns once the weather has changed."""
        self._ask("set", name=name, weather=asdict(weather))

    def clear(self) -> None:
        """Lets every route pass everything again."""
        self._ask("clear")

    def sent_bytes(self, name: str) -> int:
        """The bytes that clients have sent over the route."""
        return int(self._ask("sent", name=name))

    def _ask(self, verb: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"verb": verb} | arguments) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Route:
    """One listening socket and the connections made through it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connections: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._moves = asyncio.Event()
        self._moves.set()
        self.weather = Weather()
        self.sent_bytes = 0

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def set(self, weather: Weather) -> None:
        harmless = weather.mode == "freeze" or weather == Weather(delay_s=weather.delay_s)
        if not harmless or self.weather.mode == "mute":
            for client, server in self._connections:
                client.transport.abort()
                server.transport.abort()
        self.weather = weather
        (self._moves.clear if weather.mode == "freeze" else self._moves.set)()

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        await self._moves.wait()
        try:
            if self.weather.mode == "refuse":
                client.transport.abort()
            elif self.weather.mode == "fail":
                await _fail(reader, client)
            else:
                await self._connect(reader, client)
        except OSError:
            client.transport.abort()  # the server is down, or one end has closed

    async def _connect(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection("127.0.0.1", self._port)
        pair = (client, server)
        self._connections.add(pair)
        try:
            ends = [asyncio.create_task(self._send(reader, server)), asyncio.create_task(self._answer(answers, client))]
            done, others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for other in others:
                other.cancel()
            await asyncio.gather(*done, *others, return_exceptions=True)
        finally:
            self._connections.discard(pair)
            client.close()
            server.close()

    async def _send(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(_READ_BYTES):
            await self._wait_to_pass()
            self.sent_bytes += len(data)
            server.write(data)
            await server.drain()

    async def _answer(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        left = self.weather.cut_after_bytes
        while data := await reader.read(_READ_BYTES):
            await self._wait_to_pass()
            if self.weather.mode == "mute":
                continue
            if self.weather.lie:
                truth, lie = (text.encode() for text in self.weather.lie)
                data = data.replace(truth, lie)
            client.write(data[:left])
            await client.drain()
            if left is not None and (left := left - len(data)) <= 0:
                client.transport.abort()
                return

    async def _wait_to_pass(self) -> None:
        await self._moves.wait()
        if self.weather.delay_s:
            await asyncio.sleep(self.weather.delay_s)


async def _fail(reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    head = b""
    while b"\r\n\r\n" not in head and (data := await reader.read(_READ_BYTES)):
        head += data
    client.write(_HTTP_500)
    await client.drain()
    client.close()


async def _obey() -> None:
    routes: dict[str, Route] = {}
    loop = asyncio.get_running_loop()
    while command := await loop.run_in_executor(None, sys.stdin.readline):
        answer: object = None
        match json.loads(command):
            case {"verb": "route", "name": name, "port": port}:
                routes[name] = Route(port)
                answer = await routes[name].listen()
            case {"verb": "set", "name": name, "weather": weather}:
                routes[name].set(Weather(**weather))
            case {"verb": "clear"}:
                for route in routes.values():
                    if route.weather != Weather():
                        route.set(Weather())
            case {"verb": "sent", "name": name}:
                answer = routes[name].sent_bytes
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_obey())
