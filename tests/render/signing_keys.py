"""RSA keys for the tests of signing: made of fixed primes each time, so that no private key lies in the repository."""

from __future__ import annotations

import random
from base64 import b64encode
from functools import lru_cache


def _prime(source: random.Random, bits: int) -> int:
    while True:
        found = source.getrandbits(bits) | (3 << (bits - 2)) | 1
        if all(found % small for small in (3, 5, 7, 11, 13, 17)) and pow(2, found - 1, found) == 1 == pow(
            3, found - 1, found
        ):
            return found


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _sequence(*numbers: int) -> bytes:
    return _der(0x30, b"".join(_der(2, each.to_bytes(each.bit_length() // 8 + 1, "big")) for each in numbers))


@lru_cache
def key_pair(seed: int = 1, bits: int = 1024) -> tuple[str, bytes]:
    """Return a private key in PEM, and the TXT record that publishes its other half."""
    source = random.Random(seed)
    while True:
        p, q, e = _prime(source, bits // 2), _prime(source, bits // 2), 65537
        if p != q and (p - 1) % e and (q - 1) % e:
            break
    d = pow(e, -1, (p - 1) * (q - 1))
    private = _sequence(0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    rsa = bytes.fromhex("300d06092a864886f70d0101010500")
    public = _der(0x30, rsa + _der(3, b"\x00" + _sequence(p * q, e)))
    lines = b64encode(private).decode()
    cut = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{cut}\n-----END RSA PRIVATE KEY-----\n"
    return pem, b"v=DKIM1; k=rsa; p=" + b64encode(public)
