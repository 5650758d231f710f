"""What the page of a file says has to be done about its list."""

from casework.checklists.section import next_steps
from casework.checklists.states import ItemAct
from tests.unit.casework.checklists.test_items import happened, item, listed


def test_what_is_awaited_is_to_be_posted_by_its_day() -> None:
    (step,) = next_steps(listed(item()))
    assert "1\N{NO-BREAK SPACE}document" in step.text and "12 septembre 2016" in step.text


def test_where_nothing_is_awaited_from_the_candidate_there_is_nothing_to_do() -> None:
    """An explanation waits for an agent."""
    assert next_steps(listed(item(*happened(ItemAct.EXPLAIN)))) == []
