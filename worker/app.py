"""The Celery app: one task name, two queues, and the settings that make a message no more than a doorbell."""

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection, Exchange, Queue

RING = "reslab.ring"
QUEUES = ("gpu", "cpu")

# Both ends give up on a socket that says nothing. Measured on 5.7.0: without it a frozen broker holds the publisher
# for ever; with it for three times this at first (redis-py and kombu each try again). The worker's BRPOP waits 1 s.
SOCKET_TIMEOUT_S = 3
# A worker looks for a broker that is away this often. Kombu's own pause grows to 30 s, in which a broker that is back
# rings for nobody (seen), and Celery has no setting for it.
RECONNECT_S = 2


class _Connection(Connection):
    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:  # Any: whatever kombu takes and gives
        return super().ensure_connection(*args, **{"interval_start": 1, "interval_max": RECONNECT_S} | kwargs)


class _AMQP(AMQP):
    Connection = _Connection


def celery_app(broker_url: str) -> Celery:
    """An app for either end. A lost or doubled message costs nothing: the row is the job, so acks are early."""
    app = Celery("reslab", broker=broker_url, set_as_current=False, amqp=_AMQP)
    app.conf.update(
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        task_create_missing_queues=False,
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        # Early, and never redelivered for being slow: with Redis a late ack of a long task starts it again.
        task_acks_late=False,
        worker_disable_prefetch=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        # A broker that restarts must not cost a training.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": SOCKET_TIMEOUT_S,
            "socket_keepalive": True,
        },
        # One more try at once, for a connection that died since the last ring. What fails then is rung again.
        task_publish_retry=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0},
    )
    return app
