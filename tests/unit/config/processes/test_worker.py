"""The worker does what a ring may ask for, and nothing else."""

import pytest
import redis
from rq.serializers import JSONSerializer

from config.processes import worker
from config.processes.worker import OwnJob


def test_a_job_needs_the_workers_process() -> None:
    """RQ's own command has opened no stores: it is told so."""
    with pytest.raises(RuntimeError, match="guichet worker"):
        worker.run(1, 1)


def test_a_ring_names_one_function_only() -> None:
    """Whoever may write to the queue's Redis may name any function; it is not called."""
    job = OwnJob.create("os.getcwd", connection=redis.Redis(), serializer=JSONSerializer)
    with pytest.raises(PermissionError, match="one function only"):
        job.perform()
