# A host's own network namespace, tied to the machine by one veth pair and nothing else: its firewall cannot touch the machine's.
import contextlib
import pathlib

from test_host.common import Failure, run

COUNT_MAX = 250


def names(number):
    """The namespace and the machine's end of the pair."""
    return f"bulkhead-{number}", f"bulkhead-{number}"


def addresses(number):
    return {"machine": f"10.213.{number}.1", "guest": f"10.213.{number}.2",
            "machine6": f"fdb0:213:{number:x}::1", "guest6": f"fdb0:213:{number:x}::2"}


def free(used):
    for number in range(1, COUNT_MAX + 1):
        taken = pathlib.Path(f"/sys/class/net/{names(number)[1]}").exists()
        if number not in used and not taken:
            return number
    raise Failure("every test-host network is in use")


def create(number):
    space, link = names(number)
    at = addresses(number)
    run("ip", "netns", "add", space)
    run("ip", "link", "add", link, "type", "veth", "peer", "name", "host0", "netns", space)
    run("ip", "address", "add", f"{at['machine']}/30", "dev", link)
    run("ip", "link", "set", link, "up")
    for command in (["link", "set", "lo", "up"], ["link", "set", "host0", "up"],
                    ["address", "add", f"{at['guest']}/30", "dev", "host0"],
                    ["route", "add", "default", "via", at["machine"]]):
        run("ip", "-n", space, *command)
    # A machine without IPv6 still runs hosts; they have IPv4 only.
    with contextlib.suppress(Failure):
        run("ip", "address", "add", f"{at['machine6']}/64", "dev", link, "nodad")
        run("ip", "-n", space, "address", "add", f"{at['guest6']}/64", "dev", "host0", "nodad")
    return f"/run/netns/{space}"


def remove(number):
    space, link = names(number)
    if pathlib.Path(f"/sys/class/net/{link}").exists():
        run("ip", "link", "delete", link)
    if pathlib.Path(f"/run/netns/{space}").exists():
        run("ip", "netns", "delete", space)
