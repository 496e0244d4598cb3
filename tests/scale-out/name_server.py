"""A name server for one name, as Docker's is for a service of several replicas."""
import socket
import struct
import threading

TYPE_A = 1
NO_ERROR, NAME_ERROR = 0, 3


class NameServer:
    """Answers for `name` with all its addresses, on UDP port 53 of 127.0.0.1, until the process ends.

    The addresses stay when a replica has died: nobody may count on a name server for that.
    """

    def __init__(self, name: str):
        self.name = name
        self.addresses: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, sender = self.socket.recvfrom(512)
            self.socket.sendto(self._answer(query), sender)

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind, = struct.unpack("!H", query[at + 1:at + 3])
        known = ".".join(labels) == self.name
        addresses = self.addresses if known and kind == TYPE_A else []
        flags = 0x8180 | (NO_ERROR if known else NAME_ERROR)
        head = struct.pack("!HHHHHH", *struct.unpack("!H", query[:2]), flags, 1, len(addresses), 0, 0)
        # 0xC00C: the name that was asked for. Docker says, too, that it is valid for ten minutes: who
        # believes it learns of no new replica.
        records = (struct.pack("!HHHIH", 0xC00C, TYPE_A, 1, 600, 4) + socket.inet_aton(address)
                   for address in addresses)
        return head + question + b"".join(records)
