"""Ports: one that is ours from the moment it is chosen, and one that is likely to stay free."""

import random
import socket

import pytest

from figgosync_controlplane.ports import LOOPBACK, ReservedPort, spare_port


def _server_that_may_share() -> socket.socket:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return server


def test_nobody_else_can_take_it() -> None:
    with (
        ReservedPort() as port,
        socket.socket() as stranger,
        pytest.raises(OSError, match="in use"),
    ):
        stranger.bind((LOOPBACK, port.number))


def test_the_server_it_is_meant_for_gets_every_connection() -> None:
    with ReservedPort() as port, _server_that_may_share() as server:
        server.bind((LOOPBACK, port.number))
        server.listen()
        for _ in range(20):
            with (
                socket.create_connection((LOOPBACK, port.number), timeout=5),
                server.accept()[0],
            ):
                pass


def test_the_server_keeps_it_when_the_reservation_ends() -> None:
    with _server_that_may_share() as server:
        with ReservedPort() as port:
            server.bind((LOOPBACK, port.number))
            server.listen()
        with socket.create_connection((LOOPBACK, port.number), timeout=5):
            pass


def test_until_the_server_listens_a_client_is_refused_and_not_left_waiting() -> None:
    with ReservedPort() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port.number), timeout=5)


def test_reservations_never_share_a_port() -> None:
    ports = [ReservedPort() for _ in range(200)]
    try:
        assert len({port.number for port in ports}) == 200
    finally:
        for port in ports:
            port.__exit__(None, None, None)


def test_a_spare_port_is_none_that_somebody_uses_or_that_the_kernel_gives_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as stranger:
        taken = spare_port()
        stranger.bind((LOOPBACK, taken))
        choices = iter((taken, taken, 20001 if taken != 20001 else 20002))
        monkeypatch.setattr(random, "randrange", lambda *_: next(choices))
        assert spare_port() != taken
    monkeypatch.undo()
    assert all(20000 <= spare_port() < 32768 for _ in range(50))
