"""One process of a stampede: who comes when."""

from loadtests.stampede.crowd import records
from loadtests.stampede.records import StampedeTask
from loadtests.stampede.states import StampedeShape


def test_the_processes_together_bring_everybody_evenly() -> None:
    """Each its own part of them, in turn, from the beginning to just before the end."""
    parts = [
        records(
            StampedeTask(
                host="h", port=1, period="demo", people=100, shape=StampedeShape.ARRIVE, seed=1, begin=50.0,
                seconds=10.0, press_seconds=1.0, looks=True, most_seconds=5.0, folder=".", share=share, shares=3,
            )
        )
        for share in range(3)
    ]  # fmt: skip
    everybody = sorted((one for part in parts for one in part), key=lambda one: one.index)
    assert [one.index for one in everybody] == list(range(100))
    assert [round(one.due, 6) for one in everybody] == [round(50.0 + index / 10, 6) for index in range(100)]
