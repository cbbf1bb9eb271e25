"""What a stream has said, as a browser would hear it."""

from collections.abc import Iterator

from httpx_sse import EventSource, ServerSentEvent


def messages_of(source: EventSource) -> Iterator[ServerSentEvent]:
    """Its events. httpx-sse makes an empty message of each keep-alive, with the last id again: those are left out."""
    return (message for message in source.iter_sse() if message.data)
