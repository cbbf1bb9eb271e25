"""Looks, while this process serves, whether a study with a budget waits for more seeds."""

import asyncio

import structlog
from sqlalchemy.exc import DBAPIError

from api import study_seeds
from api.service import Service

log = structlog.get_logger()


async def watch(service: Service) -> None:
    """Without end. Two processes that look at once look at different studies."""
    while True:
        try:
            while await asyncio.to_thread(study_seeds.look, service):
                pass
        except DBAPIError as error:
            log.warning("cannot look at studies; tries again", error=str(error.orig))
        await asyncio.sleep(service.settings.study_look_s)
