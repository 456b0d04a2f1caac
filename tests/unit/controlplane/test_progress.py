"""How much is written where."""

import io

import pytest

from figgosync_controlplane.progress import Progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(io.StringIO(), 6, id="a log gets a line every ten seconds"),
        pytest.param(_Terminal(), 60, id="a terminal sees it move"),
    ],
)
def test_a_minute_of_work(stream: io.StringIO, expected: int) -> None:
    clock = _Clock()
    progress = Progress(stream, clock)
    for done in range(1, 61):
        clock.now += 1
        progress.update(f"{done}/60")
    assert stream.getvalue().count("/60") == expected


def test_a_terminal_is_not_flooded() -> None:
    clock, stream = _Clock(), _Terminal()
    progress = Progress(stream, clock)
    for done in range(1000):
        clock.now += 0.001
        progress.update(f"{done}/1000")
    assert 3 <= stream.getvalue().count("/1000") <= 5


def test_on_a_terminal_each_state_takes_the_place_of_the_one_before() -> None:
    clock, stream = _Clock(), _Terminal()
    progress = Progress(stream, clock)
    clock.now += 1
    progress.update("1/2")
    progress.say("done")
    assert stream.getvalue() == "\r\x1b[K1/2\r\x1b[Kdone\n"


def test_in_a_log_there_are_no_control_characters_and_the_end_is_always_said() -> None:
    stream = io.StringIO()
    progress = Progress(stream, _Clock())
    progress.update("too soon")
    progress.say("done")
    assert stream.getvalue() == "done\n"
