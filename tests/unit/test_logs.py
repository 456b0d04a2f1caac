"""The log is one JSON object a line, and nothing in it proves an identity or names a person."""

import base64
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import spnego

from figgosync.logs import origin, set_up

PASSWORD = "correct-horse"


LIBRARIES = ("asyncio", "aiohttp", "kopf", "kubernetes", "requests_ntlm", "spnego", "urllib3")


@pytest.fixture(autouse=True)
def _as_in_a_new_process() -> Iterator[None]:
    """Begin with loggers that nobody has touched, and leave them as they were found."""
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, ("figgosync", *LIBRARIES))]
    before = [(each, each.level, each.propagate, each.disabled) for each in loggers]
    handlers = root.handlers[:]
    for each in loggers[1:]:
        each.setLevel(logging.NOTSET)
        each.propagate, each.disabled = True, False
    yield
    root.handlers[:] = handlers
    for each, level, propagate, disabled in before:
        each.setLevel(level)
        each.propagate, each.disabled = propagate, disabled


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ntlm_token() -> str:
    """Begin an NTLM login as the Exchange provider's library does; return its first token."""
    client = spnego.client("me", PASSWORD, hostname="mail.acme.example", protocol="ntlm")
    token = client.step()
    assert token
    return base64.b64encode(token).decode()


def test_a_line_is_one_object_with_time_level_logger_and_ids(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("INFO")
    logging.getLogger("figgosync.sync").info("calendar written", extra={"employee": 1207})
    (line,) = lines(capsys)
    time = datetime.fromisoformat(str(line.pop("time")))
    assert time.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=1)
    assert line == {
        "level": "INFO",
        "logger": "figgosync.sync",
        "message": "calendar written",
        "employee": 1207,
    }


def test_a_message_with_line_breaks_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("INFO")
    logging.getLogger("figgosync").error('a\nb "c"\r\nd')
    (line,) = lines(capsys)
    assert line["message"] == 'a\nb "c"\r\nd'


@pytest.mark.parametrize(
    ("level", "heard"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)]
)
def test_the_level_is_that_of_our_loggers(
    capsys: pytest.CaptureFixture[str], level: str, heard: int
) -> None:
    set_up(level)
    ours = logging.getLogger("figgosync.sync.worker")
    for say in (ours.debug, ours.info, ours.warning, ours.error):
        say("something")
    assert len(lines(capsys)) == heard


@pytest.mark.parametrize(
    "library",
    [
        "charset_normalizer",
        "requests_ntlm",
        "spnego._ntlm",
        "urllib3.connectionpool",
        "kubernetes.client.rest",
        "aiohttp.client",
        "asyncio",
        "kopf.objects",
        "a_library.to_come",
    ],
)
def test_libraries_are_heard_when_they_warn_and_never_below(
    capsys: pytest.CaptureFixture[str], library: str
) -> None:
    set_up("DEBUG")
    logging.getLogger(library).debug("Authorization: secret")
    logging.getLogger(library).info("Authorization: secret")
    assert lines(capsys) == []
    logging.getLogger(library).error("help")
    assert [line["message"] for line in lines(capsys)] == ["help"]


def test_the_watch_does_not_warn_of_what_is_meant_so(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("DEBUG")
    logging.getLogger("kopf.activities").warning("OS signals are ignored")
    assert lines(capsys) == []


def test_ntlm_tokens_never_reach_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = ntlm_token()
    assert token in caplog.text, "the library does log them where it is let"
    set_up("DEBUG")
    token = ntlm_token()
    assert capsys.readouterr().out == ""


def test_errors_of_our_own_stay_in_the_log_whatever_the_level(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("ERROR")
    logging.getLogger("urllib3").warning("retrying")
    logging.getLogger("figgosync").error("lost")
    assert [line["message"] for line in lines(capsys)] == ["lost"]


def test_an_exception_is_told_by_its_place_and_never_by_its_text() -> None:
    def fall() -> None:
        raise KeyError("Awa Mercier")

    try:
        fall()
    except KeyError as error:
        told = origin(error)
    assert told.startswith("KeyError in ")
    assert "fall line" in told
    assert "Awa" not in told
    assert origin(ValueError("Awa")) == "ValueError"
