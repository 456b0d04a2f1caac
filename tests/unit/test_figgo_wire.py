"""Lucca's JSON, read leniently in form and strictly in substance."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.absence import AccountID, EmployeeID, Half, HalfDay, Moment, PeriodID
from figgosync.core.clocks import WrittenMoment
from figgosync.core.directory import Employee, Establishment
from figgosync.errors import PermanentError, Reason, TransientError
from figgosync.figgo import wire

ROW: dict[str, Any] = {
    "id": "1207-20261224-AM",
    "date": "2026-12-24T00:00:00",
    "isAM": True,
    "value": None,
    "creationDate": "2026-11-20T08:31:12.447",
    "isActive": True,
    "cancellationDate": None,
    "leaveAccountId": 8,
    "leaveAccount": {"id": 8, "name": "Congés payés", "isRemoteWork": False},
    "leavePeriod": {
        "id": 90211,
        "ownerId": 1207,
        "isConfirmed": False,
        "confirmationDate": None,
    },
}
READ = HalfDay(
    leave_id="1207-20261224-AM",
    owner=EmployeeID(1207),
    period=PeriodID(90211),
    moment=Moment(date(2026, 12, 24), Half.MORNING),
    account=AccountID(8),
    account_name="Congés payés",
    remote_work=False,
    confirmed=False,
    active=True,
    created_at=datetime(2026, 11, 20, 8, 31, 12, 447000, tzinfo=UTC),
    confirmed_at=None,
    cancelled_at=None,
)


def _row(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {name: value for name, value in {**ROW, **changes}.items() if value is not ...}


def _period(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    period = {**ROW["leavePeriod"], **changes}
    return _row(leavePeriod={name: value for name, value in period.items() if value is not ...})


def _read(row: object, *, names: bool = True) -> HalfDay:
    (half_day,) = wire.half_days([row], names=names)
    return half_day


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(_row(), id="as documented"),
        pytest.param(_row(isAM=..., isAm=True), id="isAm"),
        pytest.param(_row(date="2026-12-24"), id="date without time"),
        pytest.param(_row(creationDate="2026-11-20T08:31:12.4470000"), id="seven digits"),
        pytest.param(_row(creationDate="2026-11-20T08:31:12.447Z"), id="UTC"),
        pytest.param(_row(creationDate="2026-11-20T09:31:12.447+01:00"), id="offset"),
        pytest.param(_row(comment="private", color="#fff", more={"deep": [1]}), id="more members"),
        pytest.param(_row(leaveAccountId=...), id="account in one place only"),
        pytest.param(_period(ownerID=1207, ownerId=...), id="ownerID"),
        pytest.param(_period(owner={"id": 1207}, ownerId=...), id="owner as an object"),
        pytest.param({**_period(id=...), "leavePeriodId": 90211}, id="period in the row"),
        pytest.param(_period(id="90211", ownerId="1207"), id="ids as text"),
    ],
)
def test_every_form_of_a_row_reads_the_same(row: object) -> None:
    assert _read(row) == READ


@pytest.mark.parametrize("account", [..., None, {}, {"id": None, "name": None}])
def test_a_masked_account_leaves_an_absence_without_a_type(account: object) -> None:
    half_day = _read(_row(leaveAccount=account, leaveAccountId=...))

    assert (half_day.account, half_day.account_name) == (None, None)


def test_a_name_that_was_not_asked_for_is_dropped_even_if_it_is_sent() -> None:
    assert _read(ROW, names=False).account_name is None


@pytest.mark.parametrize(
    "row",
    [
        _row(leaveAccount={"id": 27, "isRemoteWork": True}),
        _row(isRemoteWork=True),
        _row(isRemoteWork=True, leaveAccount=None),
    ],
)
def test_telework_is_recognised_by_its_flag_wherever_it_stands(row: object) -> None:
    assert _read(row).remote_work


@pytest.mark.parametrize(
    "row",
    [
        _row(isActive=False),
        _row(isActive=False, cancellationDate="2026-11-21T00:00:00"),
        _row(cancellationDate="2026-11-21T00:00:00"),
    ],
)
def test_either_sign_of_a_cancellation_is_enough(row: object) -> None:
    assert not _read(row).active


BROKEN = {
    "not an object": 17,
    "no id": _row(id=...),
    "no date": _row(date=...),
    "null date": _row(date=None),
    "unreadable date": _row(date="24/12/2026"),
    "date as a number": _row(date=1_800_000_000),
    "no half": _row(isAM=...),
    "no state": _row(isActive=None),
    "no period": _row(leavePeriod=None),
    "no period id": _period(id=...),
    "no owner": _period(ownerId=None),
    "no approval": _period(isConfirmed=...),
    "unreadable cancellation": _row(cancellationDate="yesterday"),
    "creation outside of time": _row(creationDate="0001-01-01T00:00:00+02:00"),
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN.keys())
def test_a_row_that_cannot_be_understood_makes_the_read_an_error(row: object) -> None:
    with pytest.raises(PermanentError) as refusal:
        wire.half_days([ROW, row], names=True)

    assert refusal.value.reason is Reason.INCOMPLETE_READ


def test_an_error_names_the_member_and_never_what_it_holds() -> None:
    with pytest.raises(PermanentError) as refusal:
        wire.half_days([_row(date="Awa MERCIER", comment="private")], names=True)

    assert "date" in refusal.value.message
    assert "MERCIER" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


# A small alphabet finds the edges of dates, numbers and names sooner than all of Unicode.
texts = st.text("0129-:.T+Zx ", max_size=12) | st.sampled_from(["2026-12-24", "id", "isAM", ""])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*ROW, "isRemoteWork", "leavePeriodId"]), json_values))
def test_whatever_is_sent_is_read_or_refused_and_nothing_else(changes: dict[str, Any]) -> None:
    row = {**ROW, **changes}
    try:
        half_days = wire.half_days([row], names=True)
    except PermanentError:
        half_days = []

    assert half_days == [] or half_days[0].leave_id == str(row["id"])


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"items": [1, 2], "count": 7}},
        {"header": {"generated": "2026"}, "data": {"items": [1, 2], "count": 7}},
        {"DATA": {"Items": [1, 2], "Count": 7}},
    ],
)
def test_a_list_is_found_in_its_envelope(answer: object) -> None:
    assert wire.v3_page(answer) == wire.Page([1, 2], 7, more=False)


@pytest.mark.parametrize(
    "answer",
    [{}, [], None, "text", {"data": None}, {"data": {}}, {"data": {"count": 0}}, {"items": []}],
)
def test_an_answer_without_a_list_is_never_an_empty_list(answer: object) -> None:
    with pytest.raises(TransientError) as refusal:
        wire.v3_page(answer)

    assert refusal.value.reason is Reason.INCOMPLETE_READ


@pytest.mark.parametrize(
    ("following", "more"), [(None, False), ("", False), ("/x?page=2", True), ({"href": "x"}, True)]
)
def test_a_v4_list_says_whether_there_is_more(following: object, *, more: bool) -> None:
    assert wire.v4_page({"items": [], "next": following}).more is more


def test_a_v4_answer_without_a_list_is_never_an_empty_list() -> None:
    with pytest.raises(TransientError):
        wire.v4_page({"data": {"items": []}})


@pytest.mark.parametrize(
    ("row", "employee"),
    [
        (
            {
                "id": 1207,
                "mail": "awa@societe.example",
                "login": "awa",
                "legalEntityId": 4,
                "dtContractStart": "2021-09-01T00:00:00",
                "dtContractEnd": None,
            },
            Employee(
                EmployeeID(1207), wire.LegalEntityID(4), "awa@societe.example", "awa",
                date(2021, 9, 1), None,
            ),
        ),
        (
            {"id": 1207, "mail": None, "legalEntity": {"id": 4}, "dtContractEnd": "2026-06-30"},
            Employee(EmployeeID(1207), wire.LegalEntityID(4), "", "", None, date(2026, 6, 30)),
        ),
        ({"ID": 1207}, Employee(EmployeeID(1207), None, "", "", None, None)),
    ],
)  # fmt: skip
def test_a_user_is_read_with_whatever_is_missing(row: object, employee: Employee) -> None:
    assert wire.employees([row]) == [employee]


@pytest.mark.parametrize("row", [{}, {"mail": "awa@societe.example"}, {"id": None}])
def test_a_user_without_an_id_makes_the_read_an_error(row: object) -> None:
    with pytest.raises(PermanentError) as refusal:
        wire.employees([row])

    assert "societe" not in refusal.value.message


def test_an_establishment_without_a_time_zone_has_none() -> None:
    rows = [{"id": 4, "name": "Lyon", "timezoneId": "Europe/Paris"}, {"id": 5, "timezoneId": ""}]

    assert wire.establishments(rows) == [
        Establishment(wire.LegalEntityID(4), "Lyon", "Europe/Paris"),
        Establishment(wire.LegalEntityID(5), "", None),
    ]


def test_an_establishment_says_whether_it_is_archived_or_it_is_not() -> None:
    rows = [{"id": 4, "isArchived": True}, {"id": 5, "isArchived": False}, {"id": 6}]
    rows.append({"id": 7, "isArchived": None})

    archived = [each.archived for each in wire.establishments(rows)]

    assert archived == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2026-11-20T08:31:12.447", False),
        ("2026-11-20T08:31:12.447Z", True),
        ("2026-11-20T08:31:12.447+00:00", True),
        ("2026-11-20T09:31:12.447+01:00", True),
    ],
)
def test_when_a_row_was_created_says_whether_it_has_an_offset(text: str, *, offset: bool) -> None:
    instant = datetime(2026, 11, 20, 8, 31, 12, 447000, tzinfo=UTC)

    assert wire.creation_moments([{"CreationDate": text}]) == [WrittenMoment(instant, offset)]


@pytest.mark.parametrize("row", [{}, {"creationDate": None}, {"creationDate": ""}])
def test_a_row_that_does_not_say_when_it_was_created_is_passed_over(row: object) -> None:
    assert wire.creation_moments([row]) == []


@pytest.mark.parametrize("text", ["yesterday", 1_763_627_472, "0001-01-01T00:00:00+14:00"])
def test_a_creation_that_cannot_be_read_is_an_error(text: object) -> None:
    with pytest.raises(PermanentError, match="creationdate"):
        wire.creation_moments([{"creationDate": text}])
