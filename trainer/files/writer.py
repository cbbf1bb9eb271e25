"""Owns the thread that writes a run's files while training goes on. A file is announced only when it is safe.

Its files are written in order, and each is begun only after the one before it was announced: once a checkpoint exists,
everything that precedes it is known.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Thread

from trainer.events import Saved, Warned
from trainer.files.space import wait_for_space
from trainer.process.supervision import Stop


class Writer:
    """At most one thread, which writes one file at a time. All methods are called by the training thread."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._files: deque[Callable[[], Saved]] = deque()  # not announced yet; the first is being written
        self._events: SimpleQueue[Saved | Warned | Exception] = SimpleQueue()
        self._thread: Thread | None = None

    def start(self, files: Iterable[Callable[[], Saved]]) -> None:
        """Begin to write these files. All earlier files must have been announced."""
        self._files.extend(files)
        self._begin()

    def announce(self, *, wait: bool) -> Iterator[Saved | Warned]:
        """The files that have become safe, or with `wait` all files. Raises the error that ended the writing."""
        while self._files and (wait or not self._events.empty()):
            event = self._events.get()
            if isinstance(event, Exception):
                self._files.clear()
                raise event
            yield event
            if isinstance(event, Saved):
                self._files.popleft()
                self._begin()

    def close(self) -> None:
        """Wait for the file that is being written."""
        if self._thread:
            self._thread.join()

    def _begin(self) -> None:
        if self._files:
            self._thread = Thread(target=self._write, args=(self._files[0],), name="writer")
            self._thread.start()

    def _write(self, save: Callable[[], Saved]) -> None:
        try:
            for event in wait_for_space(save, self._stop):
                self._events.put(event)
        except Exception as error:  # raised again where it can be handled, in the training thread
            self._events.put(error)
