# How test-host and the agent in a virtual machine talk over a serial channel, which shows neither side when the other one changed.
#
# Both send frames: kind, length, bytes. A conversation begins when the agent has echoed the caller's MARKER, a random one;
# whatever came before belongs to an earlier caller. MARKER also ends the command that such a caller left running.
#   to the agent     MARKER, RUN (JSON list of arguments), STDIN, STDIN_END
#   from the agent   MARKER, STDOUT, STDERR, EXIT (one byte, the last frame)
import struct

MARKER_BYTES = 16
FRAME_BYTES_MAX = 65536
MARKER, RUN, STDIN, STDIN_END, STDOUT, STDERR, EXIT = b"m", b"r", b"i", b"e", b"o", b"x", b"c"
_HEADER = struct.Struct(">cI")


def frame(kind, content=b""):
    return _HEADER.pack(kind, len(content)) + content


def exactly(read, count):
    """Reads so many bytes, or raises EOFError when the other side is gone."""
    parts = []
    while count:
        part = read(count)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def readFrame(read):
    kind, length = _HEADER.unpack(exactly(read, _HEADER.size))
    if length > FRAME_BYTES_MAX:
        raise EOFError
    return kind, exactly(read, length)
