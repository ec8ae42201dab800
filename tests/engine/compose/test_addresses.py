"""Fixed addresses that are in somebody's way move together, wherever the stack names them."""

from ipaddress import IPv4Network

from grader.engine.compose.addresses import choose, moved


def test_all_that_names_them_moves_and_nothing_else() -> None:
    model = {
        "services": {
            "api": {"environment": {"URL": "tcp://172.29.7.5:5432/x", "OTHER": "8.8.8.8", "VERSION": "1.172.29.7.5"}},
            "db": {"networks": {"back": {"ipv4_address": "172.29.7.5"}}, "command": ["ping", "172.29.7.254"]},
        },
        "networks": {"back": {"ipam": {"config": [{"subnet": "172.29.7.0/24", "gateway": "172.29.7.1"}]}}, "front": {}},
    }
    new, moves = moved(model, lambda prefix: IPv4Network(f"10.200.9.0/{prefix}"))
    assert new == {
        "services": {
            "api": {"environment": {"URL": "tcp://10.200.9.5:5432/x", "OTHER": "8.8.8.8", "VERSION": "1.172.29.7.5"}},
            "db": {"networks": {"back": {"ipv4_address": "10.200.9.5"}}, "command": ["ping", "10.200.9.254"]},
        },
        "networks": {"back": {"ipam": {"config": [{"subnet": "10.200.9.0/24", "gateway": "10.200.9.1"}]}}, "front": {}},
    }
    assert moves == {IPv4Network("172.29.7.0/24"): IPv4Network("10.200.9.0/24")}


def test_a_network_is_chosen_anew_among_private_ones() -> None:
    found = {choose(24) for _ in range(20)}
    assert len(found) > 10
    assert all(one.subnet_of(IPv4Network("10.128.0.0/9")) and one.prefixlen == 24 for one in found)
    assert choose(16).prefixlen == 16
