"""The tables of documents' files: both are of a document, and go with it."""

from casework.letters import store


def test_both_tables_hang_on_a_document() -> None:
    """One row a document; a number is its account's alone."""
    for table in (store.document_file, store.document_opening):
        (key,) = table.primary_key.columns
        assert [one.target_fullname for one in key.foreign_keys] == ["document.id"]
    assert ["account", "number"] in [
        sorted(column.name for column in one.columns)
        for one in store.document_file.constraints
        if hasattr(one, "columns")
    ]
