"""The Celery app: one task name, two queues, and settings that make a message nothing but a doorbell."""

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection, Exchange, Queue

RING = "reslab.ring"
QUEUES = ("gpu", "cpu")

# Both ends give up on a silent socket. Measured on 5.7.0: without it a frozen broker blocks the publisher
# forever; with it, for three timeouts (redis-py and kombu both retry). The worker's BRPOP waits 1 s.
SOCKET_TIMEOUT_S = 3
# How often a worker tries to reconnect to the broker. Kombu's own pause grows to 30 s (observed: bells sent meanwhile
# are heard by no worker), and Celery has no setting for it.
RECONNECT_S = 2


class _Connection(Connection):
    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:  # Any: kombu's own signature
        return super().ensure_connection(*args, **{"interval_start": 1, "interval_max": RECONNECT_S} | kwargs)


class _AMQP(AMQP):
    Connection = _Connection


def celery_app(broker_url: str) -> Celery:
    """An app for either end. A lost or duplicate message costs nothing: the row is the job, so acks are early."""
    app = Celery("reslab", broker=broker_url, set_as_current=False, amqp=_AMQP)
    app.conf.update(
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        task_create_missing_queues=False,
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        # Acknowledge early: with Redis, a long task that is acknowledged late is delivered again while it runs.
        task_acks_late=False,
        worker_disable_prefetch=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        # A restart of the broker must not cost a training run.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": SOCKET_TIMEOUT_S,
            "socket_keepalive": True,
        },
        # Retry once, immediately, in case the connection died since the last ring. Control repeats what still fails.
        task_publish_retry=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0},
    )
    return app
