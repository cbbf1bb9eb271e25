"""A run through the whole queue, on real parts: Postgres, Valkey, a control, a worker, the real trainer."""

from store.states import Status
from tests.worker.conftest import Service, points


def test_a_run_goes_from_queued_to_succeeded(service: Service) -> None:
    run_id = service.submit(iterations=30, evaluate_every=10, checkpoint_every=10)
    service.control()
    service.worker()
    run = service.wait_for(run_id, Status.succeeded)
    assert run.iteration == 30
    assert points(service.database, run_id) == list(range(1, 31))
