"""The provider's books."""

from pathlib import Path

from config.demo.card_provider.books import SandboxBooks


def test_objects_are_found_again_after_a_restart(tmp_path: Path) -> None:
    """Those that changed as they were last."""
    path = tmp_path / "books.db"
    books = SandboxBooks(path)
    for number in (1, 2):
        books.keep({"id": f"re_{number}", "object": "refund", "amount": number, "payment_intent": "pi_1"})
    books.keep({"id": "re_1", "object": "refund", "amount": 7, "payment_intent": "pi_2"})
    books.close()
    again = SandboxBooks(path)
    assert [one["id"] for one in again.all("refund")] == ["re_2", "re_1"]
    assert [one["amount"] for one in again.all("refund", payment_intent="pi_2")] == [7]
    assert again.find("re_1", "charge") is None
    assert again.find(None, "refund") is None
    assert (path.stat().st_mode & 0o077) == 0
    again.close()
