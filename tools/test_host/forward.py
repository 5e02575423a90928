# Publishes a host's ports on the machine's loopback address. Started by test-host; ends with the host.
# usage: forward.py GUEST LISTEN:GUEST_PORT...   prints "ready" when every port listens
import asyncio
import sys

BUFFER_BYTES = 65536


async def copy(reader, writer):
    try:
        while data := await reader.read(BUFFER_BYTES):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except (OSError, RuntimeError):
        writer.close()


def handler(guest, port):
    async def serve(reader, writer):
        try:
            guestReader, guestWriter = await asyncio.open_connection(guest, port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(copy(reader, guestWriter), copy(guestReader, writer))
        writer.close()
        guestWriter.close()
    return serve


async def main(guest, pairs):
    servers = []
    for pair in pairs:
        listen, port = map(int, pair.split(":"))
        servers.append(await asyncio.start_server(handler(guest, port), "127.0.0.1", listen))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1], sys.argv[2:]))
    except OSError as problem:
        print(problem, flush=True)
        sys.exit(1)
