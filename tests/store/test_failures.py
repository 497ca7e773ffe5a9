"""Foreign exceptions become sentences for the person who runs the service."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from alerts.errors import AlertsError
from alerts.store import errors, open_store
from alerts.store.errors import (
    CorruptDatabase,
    DatabaseBusy,
    DatabaseUnreachable,
    DiskFull,
    Stale,
    StoreFailure,
)
from alerts.store.failures import as_alerts_error, is_worth_replaying, translated


class ServerSays(Exception):
    """A stand-in for psycopg's errors, which carry their SQLSTATE."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("ERROR: something\nDETAIL: secret values")
        self.sqlstate = sqlstate


def of_server(sqlstate: str | None) -> AlertsError:
    return as_alerts_error(OperationalError("SELECT 1", {}, ServerSays(sqlstate)))


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("40001", DatabaseBusy),
        ("40P01", DatabaseBusy),
        ("55P03", DatabaseBusy),
        ("57014", DatabaseBusy),
        ("53300", DatabaseBusy),
        ("53100", DiskFull),
        ("08006", DatabaseUnreachable),
        ("57P01", DatabaseUnreachable),
        ("28P01", DatabaseUnreachable),
        ("3D000", DatabaseUnreachable),
        ("XX001", CorruptDatabase),
        ("42P01", StoreFailure),
        (None, DatabaseUnreachable),
    ],
)
def test_what_postgresql_says_is_understood(sqlstate: str | None, kind: type[AlertsError]) -> None:
    assert type(of_server(sqlstate)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, DatabaseBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseBusy),
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_IOERR_WRITE, DiskFull),
        (sqlite3.SQLITE_READONLY, DiskFull),
        (sqlite3.SQLITE_CORRUPT, CorruptDatabase),
        (sqlite3.SQLITE_CORRUPT_INDEX, CorruptDatabase),
        (sqlite3.SQLITE_NOTADB, CorruptDatabase),
        (sqlite3.SQLITE_CANTOPEN, DatabaseUnreachable),
        (sqlite3.SQLITE_ERROR, StoreFailure),
    ],
)
def test_what_sqlite_says_is_understood(code: int, kind: type[AlertsError]) -> None:
    failure = sqlite3.OperationalError("something")
    failure.sqlite_errorcode = code
    assert type(as_alerts_error(OperationalError("SELECT 1", {}, failure))) is kind
    with pytest.raises(kind), translated():
        raise failure


def test_a_mistake_of_our_own_in_a_statement_is_not_taken_for_a_lost_connection() -> None:
    failure = ProgrammingError("SELECT 1", {}, ServerSays(None))
    assert type(as_alerts_error(failure)) is StoreFailure


def test_a_crowd_at_the_door_is_worth_waiting_for() -> None:
    assert is_worth_replaying(as_alerts_error(PoolTimeout("QueuePool limit")))
    assert is_worth_replaying(of_server("40001"))
    assert is_worth_replaying(of_server("08006"))
    assert not is_worth_replaying(of_server("53100"))
    assert not is_worth_replaying(Stale("changed"))


def test_only_the_first_line_is_repeated_for_the_rest_may_be_somebodys() -> None:
    assert "secret" not in of_server("42P01").sentence
    assert type(as_alerts_error(ArgumentError("wrong\nsecret"))) is StoreFailure


def test_other_exceptions_pass_as_they_are() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError
    with pytest.raises(StoreFailure), translated():
        raise SQLAlchemyError("x")


def test_every_error_has_a_code_of_its_own_a_remedy_and_says_what_it_is() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, AlertsError)]
    ours = [each for each in kinds if each is not AlertsError]
    assert len({each.code for each in ours}) == len(ours) == 13
    assert all(each.code.startswith(("T", "B04")) and each.remedy and each.__doc__ for each in ours)


def test_a_database_that_may_not_be_written_is_not_called_a_full_disk() -> None:
    refused = sqlite3.OperationalError("attempt to write a readonly database")
    refused.sqlite_errorcode = sqlite3.SQLITE_READONLY_DIRECTORY
    with pytest.raises(DiskFull) as told, translated():
        raise refused
    assert "Make room" not in told.value.remedy
    assert "write" in told.value.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [({"database": "elsewhere"}, 'database "elsewhere" does not exist'),
     ({"username": "nobody", "password": "a-secret"}, '"nobody"')],
)  # fmt: skip
def test_why_the_database_server_lets_nobody_in_is_told_without_the_password(
    pg_server: str, change: dict[str, str], said: str
) -> None:
    address = make_url(pg_server).set(**change)  # type: ignore[arg-type]
    store = open_store(address.render_as_string(hide_password=False))
    with pytest.raises(DatabaseUnreachable) as told, store.read():
        pass
    assert said in told.value.sentence
    assert "a-secret" not in told.value.sentence
