"""The group ristretto255 (RFC 9496) and what RFC 9497 hashes into it, plainly: not of constant time, and for nothing but this check."""

import hashlib

from canon import Refused

ORDER = 2**252 + 27742317777372353535851937790883648493
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)  # a root of -1


def _odd(x):
    return x % _P % 2 == 1


def _abs(x):
    return _P - x if _odd(x) else x % _P


def _root(u, v):
    """Whether u/v is a square, and the root of it, or of i·u/v, that is even."""
    r = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    check = v * r * r % _P
    if check in (-u % _P, -u * _I % _P):
        r = r * _I % _P
    return check in (u % _P, -u % _P), _abs(r)


_ROOT_A_D = _root(1, -1 - _D)[1]
_ROOT_AD_1 = _P - _root(-_D - 1, 1)[1]  # the odd one


def _add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    g, h = 2 * _D * t1 * t2 % _P, 2 * z1 * z2 % _P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def times(scalar, point):
    """A multiple of a point."""
    result = (0, 1, 1, 0)
    for bit in f"{scalar % ORDER:b}":
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


def encode(point):
    x, y, z, t = point
    u1, u2 = (z + y) * (z - y) % _P, x * y % _P
    _, inverse = _root(1, u1 * u2 * u2)
    d1, d2 = inverse * u1 % _P, inverse * u2 % _P
    z_inverse = d1 * d2 * t % _P
    if _odd(t * z_inverse):
        x, y, d = y * _I % _P, x * _I % _P, d1 * _ROOT_A_D % _P
    else:
        d = d2
    if _odd(x * z_inverse):
        y = -y
    return _abs(d * (z - y) % _P).to_bytes(32, "little")


def decode(data):
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= _P or _odd(s):
        raise Refused("element")
    u1, u2 = 1 - s * s, 1 + s * s
    v = (-_D * u1 * u1 - u2 * u2) % _P
    square, inverse = _root(1, v * u2 * u2)
    dx = inverse * u2 % _P
    x = _abs(2 * s * dx)
    y = u1 * inverse * dx * v % _P
    t = x * y % _P
    if not square or _odd(t) or y == 0 or s == 0:
        raise Refused("element")
    return x, y, 1, t


BASE = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))


def _map(data):
    t = int.from_bytes(data, "little") & (1 << 255) - 1
    r = _I * t * t % _P
    u = (r + 1) * (1 - _D * _D) % _P
    v = (-1 - r * _D) * (r + _D) % _P
    square, s = _root(u, v)
    c = -1
    if not square:
        s, c = -_abs(s * t) % _P, r
    n = (c * (r - 1) * (_D - 1) ** 2 - v) % _P
    w0, w1, w2, w3 = 2 * s * v % _P, n * _ROOT_AD_1 % _P, (1 - s * s) % _P, (1 + s * s) % _P
    return w0 * w3 % _P, w2 * w1 % _P, w1 * w3 % _P, w0 * w2 % _P


def _expand(data, tag):
    """expand_message_xmd (RFC 9380) with SHA-512, to 64 bytes."""
    tag += bytes([len(tag)])
    first = hashlib.sha512(bytes(128) + data + b"\0\x40\0" + tag).digest()
    return hashlib.sha512(first + b"\1" + tag).digest()


def hash_to_group(data, tag):
    wide = _expand(data, tag)
    return _add(_map(wide[:32]), _map(wide[32:]))


def hash_to_scalar(data, tag):
    return int.from_bytes(_expand(data, tag), "little") % ORDER
