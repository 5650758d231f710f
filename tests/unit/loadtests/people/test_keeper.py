"""What one person is told, kept for the judge: here the number of a whole arrival, which the feed says first."""

from loadtests.journey.personas import Persona
from loadtests.journey.plan import Plan
from loadtests.journey.states import PersonaKind, PlaceState, StepName
from loadtests.people.keeper import RecordKeeper
from loadtests.people.whole import ArrivalCounts


class CountedCompany:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.joins = 0
        self.whole = ArrivalCounts()
        self.clock = 100.0

    def now(self) -> float:
        return self.clock


def keeper(company: CountedCompany, whole: bool = True) -> RecordKeeper:
    plan = Plan(whole=whole)
    return RecordKeeper(
        company, Persona(index=1, kind=PersonaKind.CANDIDATE, at=0.0, account=4, place=1, plan=plan)
    )


def test_the_number_of_a_button_counts_from_its_answer() -> None:
    """Asked with the first press, told with the redirection, however much later it is heard which number it was."""
    company = CountedCompany()
    one = keeper(company)
    assert one.arrival is not None
    one.arrival.sends(StepName.BUTTON, 101.0)
    one.arrival.answered(303, 10, 102.0)
    company.clock = 110.0
    one.settle(7)
    one.settle(7)
    (stay,) = one.witness.stays
    assert (stay.number, stay.asked, stay.told, stay.fresh) == (7, 101.0, 102.0, True)
    assert (company.joins, company.whole.arrived, one.witness.whole) == (1, 0, True)
    one.arrived()
    assert company.whole.arrived == 1
    one.arrived()
    assert company.whole.arrived == 1
    one.told(PlaceState.CALLED, 111.0)
    assert stay.present == [(102.0, 111.0)]


def test_nobody_has_a_number_before_a_button_was_answered() -> None:
    """Nor by it, whoever did not arrive whole."""
    company = CountedCompany()
    for one in (keeper(company), keeper(company, whole=False)):
        one.settle(7)
        one.arrived()
        assert one.witness.stays == []
    assert (company.joins, company.whole.arrived) == (0, 0)
