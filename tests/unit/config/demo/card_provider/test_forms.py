"""Bodies as the provider's libraries send them."""

from urllib.parse import parse_qsl

import pytest

from config.demo.card_provider.forms import nested


def test_names_with_brackets_are_values_in_values() -> None:
    body = "mode=payment&line_items[0][price_data][unit_amount]=812&line_items[0][quantity]=1&types[]=card&types[]=x"
    assert nested(parse_qsl(body)) == {
        "mode": "payment",
        "line_items": {"0": {"price_data": {"unit_amount": "812"}, "quantity": "1"}},
        "types": {"0": "card", "1": "x"},
    }


@pytest.mark.parametrize("body", ["a=1&a[b]=2", "[]=1", "a" + "[b]" * 9 + "=1"])
def test_what_is_no_such_body_is_refused(body: str) -> None:
    with pytest.raises(ValueError):
        nested(parse_qsl(body))
