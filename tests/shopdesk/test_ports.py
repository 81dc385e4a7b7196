"""Ports that cannot be had."""

import os
import socket

import pytest

from shopdesk.errors import StartError
from shopdesk.ports import check_free


def test_a_free_port_passes(free_port):
    check_free("127.0.0.1", free_port(), "gateway")


def test_a_taken_port_names_who_has_it_and_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StartError) as refused:
            check_free("127.0.0.1", port, "rasa")
    told = str(refused.value)
    assert f"rasa cannot listen on 127.0.0.1:{port}" in told
    assert f"process {os.getpid()}" in told
    assert "SHOPDESK_RASA_PORT" in told


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(
        StartError, match=r"gateway cannot listen on 192\.0\.2\.1:8000.*\n.*SHOPDESK_PORT"
    ):
        check_free("192.0.2.1", 8000, "gateway")
