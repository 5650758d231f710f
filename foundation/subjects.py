"""What tasks, documents and lines of the audit are about: any row of any feature, by its kind and its key.

A feature names its kinds of subjects beside its tables; nothing here knows them. There is no foreign key: a subject
may be in any table, and what is filed or recorded about it outlives it.
"""

import msgspec


class Subject(msgspec.Struct, frozen=True):
    """A row of some feature: what kind of thing it is, and its key as text, such as `submission` and `17`."""

    kind: str
    id: str

    @property
    def number(self) -> int:
        """Its key, where the table counts its rows. ValueError for a key that is no number."""
        return int(self.id)

    @classmethod
    def row(cls, kind: str, id: int) -> "Subject":
        """The row of this number."""
        return cls(kind, str(id))

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
