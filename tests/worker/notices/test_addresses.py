"""Notices never go to the inner network, whatever name leads there."""

import pytest

from tests.loops import in_a_loop
from worker.notices.addresses import Refused, is_outside, resolve


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.1.2.3",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1"),
    ],
)
def test_an_inner_address_is_not_outside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111"])
def test_a_public_address_is(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:5432/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/"),
        *("file:///etc/passwd", "ftp://example.org", "https://user:password@1.1.1.1/"),
    ],
)
def test_an_address_of_the_inner_network_or_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        in_a_loop(resolve(url, ()))


def test_the_operator_can_allow_a_host() -> None:
    assert in_a_loop(resolve("http://127.0.0.1:1/", ("127.0.0.1",))) == "127.0.0.1"
