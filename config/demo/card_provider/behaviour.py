"""How the provider behaves, as a test or a person tells it to: `POST /_bac-a-sable/conduite`."""

import msgspec


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """`is_away`: every call is answered 503, and no page opens. `answer_ms`: each answer of the API takes so long.
    `bank_ms`: how long « payer lentement » takes until the bank answers. Webhooks: each is sent `times` times,
    `late_ms` after its event, in random order where `is_shuffled`, and not at all while `is_held`. `loses_answers`: so
    many orders of a page are carried out and their answer is lost on the way. `holds_refunds`: whoever asks for one is
    told to come again."""

    is_away: bool = False
    answer_ms: int = 0
    bank_ms: int = 20_000
    times: int = 1
    late_ms: int = 0
    is_shuffled: bool = False
    is_held: bool = False
    loses_answers: int = 0
    holds_refunds: bool = False
