"""Reads server-sent events as a browser does."""

from collections.abc import Iterator

from httpx_sse import EventSource, ServerSentEvent


def messages_of(source: EventSource) -> Iterator[ServerSentEvent]:
    """The stream's events. httpx-sse makes an empty message of each keep-alive; these are left out."""
    return (message for message in source.iter_sse() if message.data)
