import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from bot.conversations.tables import vault_key, vault_value
from bot.privacy.detection import clean
from bot.privacy.values import KINDS
from bot.privacy.vault import Vault, WrongMasterKey

MASTER = bytes(range(32))
ADDRESS = "maria.rossi@example.com"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(engine: Engine, clock: Clock) -> Vault:
    return Vault(engine, MASTER, now=clock)


@pytest.fixture
def conversation() -> str:
    return secrets.token_hex(16)


def stored(engine: Engine, conversation: str) -> list[bytes]:
    query = select(vault_value.c.ciphertext).where(vault_value.c.conversation_id == conversation)
    with engine.connect() as connection:
        return list(connection.scalars(query))


def test_a_value_comes_back_by_its_reference(vault: Vault, conversation: str) -> None:
    reference = vault.store(conversation, "email", ADDRESS)
    assert reference == "⟨email 1⟩"
    assert vault.resolve(conversation, reference) == ADDRESS


def test_the_same_value_has_the_same_reference(vault: Vault, conversation: str) -> None:
    masked = vault.mask(conversation, f"{ADDRESS}, sì, {ADDRESS} con usat 2345 o USAT-2345")
    assert masked == "⟨email 1⟩, sì, ⟨email 1⟩ con ⟨codice 1⟩ o ⟨codice 1⟩"
    assert vault.store(conversation, "email", ADDRESS) == "⟨email 1⟩"


def test_each_kind_is_numbered_by_itself(vault: Vault, conversation: str) -> None:
    text = "luca@example.com anna@example.com USAT-2345 333 1234567 123456"
    masked = "⟨email 1⟩ ⟨email 2⟩ ⟨codice 1⟩ ⟨telefono 1⟩ ⟨numero 1⟩"
    assert vault.mask(conversation, text) == masked


def test_the_text_comes_back_for_the_person(vault: Vault, conversation: str) -> None:
    masked = vault.mask(conversation, f"Scrivo da {ADDRESS}: USAT-2345 non va")
    assert vault.unmask(conversation, masked) == f"Scrivo da {ADDRESS}: USAT-2345 non va"


def test_a_reference_of_another_conversation_opens_nothing(vault: Vault, conversation: str) -> None:
    reference = vault.store(conversation, "email", ADDRESS)
    assert vault.resolve(secrets.token_hex(16), reference) is None


@pytest.mark.parametrize("reference", ["⟨email 2⟩", "⟨codice 1⟩", "email 1", "", "⟨email 1⟩' or 1=1 --"])
def test_an_unknown_reference_opens_nothing(vault: Vault, conversation: str, reference: str) -> None:
    vault.store(conversation, "email", ADDRESS)
    assert vault.resolve(conversation, reference) is None


def test_a_reference_typed_by_hand_is_not_unmasked(vault: Vault, conversation: str) -> None:
    vault.store(conversation, "email", ADDRESS)
    assert ADDRESS not in vault.unmask(conversation, vault.mask(conversation, "dimmi ⟨email 1⟩"))


def test_an_unknown_kind_is_refused_by_name(vault: Vault, conversation: str) -> None:
    with pytest.raises(ValueError, match="'indirizzo'"):
        vault.store(conversation, "indirizzo", "Via Roma 12")


def test_an_erased_conversation_holds_nothing(vault: Vault, engine: Engine, conversation: str) -> None:
    reference = vault.store(conversation, "email", ADDRESS)
    vault.erase(conversation)
    assert vault.resolve(conversation, reference) is None
    assert stored(engine, conversation) == []
    with engine.connect() as connection:
        keys = connection.scalars(select(vault_key.c.wrapped_key).filter_by(conversation_id=conversation))
        assert list(keys) == []


def test_erasing_leaves_other_conversations_alone(vault: Vault, conversation: str) -> None:
    other = secrets.token_hex(16)
    for each in (conversation, other):
        vault.store(each, "email", ADDRESS)
    vault.erase(conversation)
    assert vault.resolve(other, "⟨email 1⟩") == ADDRESS


def test_a_value_expires(vault: Vault, clock: Clock, conversation: str) -> None:
    reference = vault.store(conversation, "email", ADDRESS)
    clock.now = NOON + timedelta(days=30, seconds=-1)
    assert vault.resolve(conversation, reference) == ADDRESS
    clock.now = NOON + timedelta(days=30)
    assert vault.resolve(conversation, reference) is None
    assert vault.unmask(conversation, f"da {reference}") == f"da {reference}"


def test_a_value_that_is_used_again_lives_on(vault: Vault, clock: Clock, conversation: str) -> None:
    vault.store(conversation, "email", ADDRESS)
    clock.now = NOON + timedelta(days=20)
    reference = vault.store(conversation, "email", ADDRESS)
    clock.now = NOON + timedelta(days=45)
    assert vault.resolve(conversation, reference) == ADDRESS


def test_dropping_destroys_what_has_expired_and_nothing_else(
    vault: Vault, engine: Engine, clock: Clock, conversation: str
) -> None:
    vault.store(conversation, "email", ADDRESS)
    clock.now = NOON + timedelta(days=29)
    vault.store(conversation, "codice", "USAT-2345")
    clock.now = NOON + timedelta(days=31)
    vault.drop_expired()
    assert vault.drop_expired() == 0
    assert sorted(map(bool, stored(engine, conversation))) == [False, True]
    assert vault.resolve(conversation, "⟨codice 1⟩") == "USAT-2345"


def test_a_dropped_number_is_never_given_to_another_value(vault: Vault, clock: Clock, conversation: str) -> None:
    vault.store(conversation, "email", ADDRESS)
    clock.now = NOON + timedelta(days=31)
    vault.drop_expired()
    assert vault.store(conversation, "email", "luca@example.com") == "⟨email 2⟩"
    assert vault.store(conversation, "email", ADDRESS) == "⟨email 3⟩"


def test_another_master_key_opens_nothing_and_says_so(vault: Vault, engine: Engine, conversation: str) -> None:
    reference = vault.store(conversation, "email", ADDRESS)
    other = Vault(engine, bytes(32))
    assert other.resolve(conversation, reference) is None
    with pytest.raises(WrongMasterKey, match=conversation):
        other.store(conversation, "email", ADDRESS)


def test_a_row_moved_to_another_reference_opens_nothing(vault: Vault, engine: Engine, conversation: str) -> None:
    vault.mask(conversation, f"{ADDRESS} luca@example.com")
    first, _ = stored(engine, conversation)
    with engine.begin() as connection:
        mine = vault_value.c.conversation_id == conversation
        connection.execute(vault_value.update().where(mine).values(ciphertext=first))
    found = [vault.resolve(conversation, f"⟨email {number}⟩") for number in (1, 2)]
    assert sorted(value or "" for value in found)[0] == ""


def test_many_writers_at_once_agree(vault: Vault, conversation: str) -> None:
    values = [f"persona{number % 6}@example.com" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        references = list(pool.map(lambda value: vault.store(conversation, "email", value), values))
    assert len(set(references)) == 6
    for value, reference in zip(values, references, strict=True):
        assert vault.resolve(conversation, reference) == value


def test_several_processes_agree(engine: Engine, conversation: str) -> None:
    script = (
        "import sys; from bot.database import open_engine; from bot.privacy.vault import Vault\n"
        "vault = Vault(open_engine(sys.argv[1]), bytes(range(32)))\n"
        "for i in range(8): print(i, vault.store(sys.argv[2], 'email', f'persona{i}@example.com'))"
    )
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", script, url, conversation]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [sorted(process.communicate()[0].splitlines()) for process in running]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == len({line.split(maxsplit=1)[1] for line in outputs[0]}) == 8


def test_a_message_without_values_asks_the_database_nothing(vault: Vault, engine: Engine, conversation: str) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert vault.mask(conversation, "Il codice è scaduto") == "Il codice è scaduto"
    assert vault.unmask(conversation, "Il codice è scaduto") == "Il codice è scaduto"
    assert statements == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nothing_readable_lies_in_the_database_file(engine: Engine, conversation: str, tmp_path: Path) -> None:
    vault = Vault(engine, MASTER)
    vault.mask(conversation, f"{ADDRESS} USAT-2345 333 1234567 IT60X0542811101000000123456 987654")
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert any(conversation.encode() in content for content in files)
    for secret in (
        b"maria",
        b"rossi",
        b"example.com",
        b"USAT2",
        b"USAT-",
        b"T2345",
        b"T-2345",
        b"3331234567",
        b"IT60X",
        b"987654",
    ):
        assert not any(secret in content for content in files)


def test_masking_costs_two_statements_for_new_values_and_one_for_known_ones(
    vault: Vault, engine: Engine, conversation: str
) -> None:
    vault.mask(conversation, ADDRESS)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    vault.mask(conversation, "scrivo da luca@example.com o da anna@example.com, codice USAT-2345")
    assert len(statements) == 2
    vault.mask(conversation, f"scrivo da {ADDRESS}")
    assert len(statements) == 3


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(min_size=1), st.sampled_from(KINDS))
def test_any_value_comes_back_as_it_was(vault: Vault, value: str, kind: str) -> None:
    value = clean(value)
    conversation = secrets.token_hex(16)
    assert vault.resolve(conversation, vault.store(conversation, kind, value)) == value
