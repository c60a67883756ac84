"""ML-KEM-768 (FIPS 203), plainly: slow, not of constant time, and for nothing but this check."""

import hashlib

from canon import Refused

_Q, _K = 3329, 3
EK, DK, CT = 1184, 2400, 1088  # bytes


def _reverse(i):
    return int(f"{i:07b}"[::-1], 2)


_ZETAS = [pow(17, _reverse(i), _Q) for i in range(128)]
_GAMMAS = [pow(17, 2 * _reverse(i) + 1, _Q) for i in range(128)]


def generate(d, z):
    """The two keys of 32 and 32 random bytes."""
    ek, inner = _pke_generate(d)
    return ek, inner + ek + _h(ek) + z


def encapsulate(ek, m):
    """A shared secret and its ciphertext, of 32 random bytes."""
    if len(ek) != EK or any(value >= _Q for value in _unpack(ek[:-32], 12)):
        raise Refused("key")
    shared, r = _g(m + _h(ek))
    return shared, _pke_encrypt(ek, m, r)


def decapsulate(dk, c):
    inner, ek, h, z = dk[:1152], dk[1152:2336], dk[2336:2368], dk[2368:]
    if len(c) != CT or _h(ek) != h:
        raise Refused("ciphertext")
    m = _pke_decrypt(inner, c)
    shared, r = _g(m + h)
    return shared if _pke_encrypt(ek, m, r) == c else hashlib.shake_256(z + c).digest(32)


def _h(data):
    return hashlib.sha3_256(data).digest()


def _g(data):
    both = hashlib.sha3_512(data).digest()
    return both[:32], both[32:]


def _pke_generate(d):
    rho, sigma = _g(d + bytes([_K]))
    s = [_ntt(_noise(sigma, n)) for n in range(_K)]
    e = [_ntt(_noise(sigma, n)) for n in range(_K, 2 * _K)]
    t = [_sum(e[i], *(_times(_uniform(rho, i, j), s[j]) for j in range(_K))) for i in range(_K)]
    return b"".join(_pack(p, 12) for p in t) + rho, b"".join(_pack(p, 12) for p in s)


def _pke_encrypt(ek, m, r):
    t, rho = [_unpack(ek[384 * i:384 * (i + 1)], 12) for i in range(_K)], ek[1152:]
    y = [_ntt(_noise(r, n)) for n in range(_K)]
    u = [_sum(_back(_sum(*(_times(_uniform(rho, j, i), y[j]) for j in range(_K)))), _noise(r, _K + i)) for i in range(_K)]
    message = [value * ((_Q + 1) // 2) for value in _unpack(m, 1)]
    v = _sum(_back(_sum(*(_times(t[i], y[i]) for i in range(_K)))), _noise(r, 2 * _K), message)
    return b"".join(_pack(_less(p, 10), 10) for p in u) + _pack(_less(v, 4), 4)


def _pke_decrypt(dk, c):
    s = [_unpack(dk[384 * i:384 * (i + 1)], 12) for i in range(_K)]
    u = [_more(_unpack(c[320 * i:320 * (i + 1)], 10), 10) for i in range(_K)]
    v = _more(_unpack(c[960:], 4), 4)
    inner = _back(_sum(*(_times(s[i], _ntt(u[i])) for i in range(_K))))
    return _pack(_less([(a - b) % _Q for a, b in zip(v, inner)], 1), 1)


def _sum(*polynomials):
    return [sum(values) % _Q for values in zip(*polynomials)]


def _less(p, bits):
    return [((value << bits) + _Q // 2) // _Q % (1 << bits) for value in p]


def _more(p, bits):
    return [(value * _Q + (1 << bits - 1)) >> bits for value in p]


def _pack(p, bits):
    return sum(value << bits * i for i, value in enumerate(p)).to_bytes(len(p) * bits // 8, "little")


def _unpack(data, bits):
    whole = int.from_bytes(data, "little")
    return [whole >> bits * i & (1 << bits) - 1 for i in range(len(data) * 8 // bits)]


def _uniform(rho, i, j):
    stream = hashlib.shake_128(rho + bytes([j, i])).digest(2016)
    found = [value for value in _unpack(stream, 12) if value < _Q]
    return found[:256]  # fewer than 256 of 1,344 are not met


def _noise(seed, n):
    bits = _unpack(hashlib.shake_256(seed + bytes([n])).digest(128), 1)
    return [(bits[4 * i] + bits[4 * i + 1] - bits[4 * i + 2] - bits[4 * i + 3]) % _Q for i in range(256)]


def _ntt(p):
    p, k, length = list(p), 1, 128
    while length >= 2:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                t = _ZETAS[k] * p[j + length]
                p[j], p[j + length] = (p[j] + t) % _Q, (p[j] - t) % _Q
            k += 1
        length //= 2
    return p


def _back(p):
    p, k, length = list(p), 127, 2
    while length <= 128:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                t = p[j]
                p[j], p[j + length] = (t + p[j + length]) % _Q, _ZETAS[k] * (p[j + length] - t) % _Q
            k -= 1
        length *= 2
    return [value * 3303 % _Q for value in p]


def _times(a, b):
    product = []
    for i, gamma in enumerate(_GAMMAS):
        (a0, a1), (b0, b1) = a[2 * i:2 * i + 2], b[2 * i:2 * i + 2]
        product += [(a0 * b0 + a1 * b1 * gamma) % _Q, (a0 * b1 + a1 * b0) % _Q]
    return product
