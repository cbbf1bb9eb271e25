"""The state of one API process: the stores, the open streams, the cached pages. Created once by `app`, not global."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.events.feed import Feed
from api.events.streams import StreamLimits, Streams
from api.http.rates import Rates
from api.http.requests import Requests
from api.runs.pages import Pages
from store.curves.outcomes import RunOutcomes
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from studies.stores import Stores


@dataclass(frozen=True)
class Service(Stores):
    feed: Feed
    streams: Streams
    requests: Requests
    pages: Pages
    rates: Rates

    @classmethod
    def open(cls, settings: Settings) -> "Service":
        # As many connections as a few researchers keep busy. Each costs Postgres some MiB, and a connection beyond the
        # pool is opened and closed for each request.
        database = Database(settings.database_url, pool_size=8)
        return cls(
            settings=settings,
            database=database,
            objects=Objects(settings.storage_url),
            feed=Feed(settings.database_url),
            streams=Streams(
                database, settings.stream_check_s, StreamLimits(settings.streams_of_person, settings.streams)
            ),
            requests=Requests(),
            outcomes=RunOutcomes(),
            pages=Pages(),
            rates=Rates(),
        )

    def close(self) -> None:
        self.database.close()


# async, because FastAPI would run a plain function in a thread, which costs more than the function.
async def of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Here = Annotated[Service, Depends(of)]
