"""Reads the blocks of CDDL out of the documents: what a structure is made of stands there, and nowhere in this check."""

import re
from types import SimpleNamespace

from canon import Refused, decode, encode

_TOKEN = re.compile(r"\s*(=>|\.size|[\[\]{}:,*]|[a-z][a-z0-9-]*|\d+)")


class Grammar:
    """The rules of one document."""

    def __init__(self, document):
        self._rules = {}
        for block in re.findall(r"```cddl\n(.*?)\n```", document, re.S):
            lines = [re.sub(r";.*", "", line) for line in block.split("\n")]
            for rule in re.findall(r"^([a-z][a-z0-9-]*) = (.*(?:\n[ ].*)*)", "\n".join(lines), re.M):
                self._add(*rule)

    def _add(self, name, text):
        tokens, at = [], 0
        text = text.strip()
        while at < len(text):
            token = _TOKEN.match(text, at)
            if not token:
                raise ValueError(f"{name}: {text[at:]!r} is not understood")
            tokens.append(token[1])
            at = token.end()
        rule = _type(tokens)
        if tokens or self._rules.get(name, rule) != rule:
            raise ValueError(f"{name} stands twice, or does not end")
        self._rules[name] = rule

    def names(self):
        return set(self._rules)

    def fields(self, name):
        """The names of a structure's fields, in their order."""
        return [field for field, _ in self._rules[name][1]]

    def read(self, name, data):
        """A structure out of its encoding."""
        return self.shape(name, decode(data))

    def shape(self, name, value):
        """A structure out of a decoded value: its fields by name, with _ for -."""
        return self._shape(self._rules[name], value, name)

    def write(self, name, *values):
        """The encoding of a structure whose fields have these values."""
        self.shape(name, list(values))
        return encode(values)

    def _shape(self, rule, value, where):
        kind, of = rule
        if kind == "rule":
            return self._shape(self._rules[of], value, of) if of in self._rules else _plain(of, value, where)
        if kind == "size":
            if not isinstance(value, bytes) or len(value) != of:
                raise Refused(f"format: {where} is not {of} bytes")
            return value
        if kind == "map":
            _must(isinstance(value, dict), where)
            return {self._shape(of[0], k, where): self._shape(of[1], v, where) for k, v in value.items()}
        _must(isinstance(value, list), where)
        if kind == "list":
            least, most, item = of
            _must(least <= len(value) <= most, where)
            return [self._shape(item, v, where) for v in value]
        _must(len(value) == len(of), where)
        return SimpleNamespace(**{name.replace("-", "_"): self._shape(t, v, f"{where}.{name}") for (name, t), v in zip(of, value)})


def _must(ok, where):
    if not ok:
        raise Refused(f"format: {where}")


def _plain(word, value, where):
    number = isinstance(value, int) and not isinstance(value, bool)
    _must({
        "uint": number and 0 <= value < 1 << 64, "int": number and -(1 << 63) <= value < 1 << 63, "bool": isinstance(value, bool),
        "tstr": isinstance(value, str), "bstr": isinstance(value, bytes), "float": isinstance(value, float), "any": True,
    }[word], where)
    return value


def _expect(tokens, *words):
    for word in words:
        if not tokens or tokens.pop(0) != word:
            raise ValueError(f"{word!r} is missing")


def _type(tokens):
    first = tokens.pop(0)
    if first == "{":
        _expect(tokens, "*")
        key = _type(tokens)
        _expect(tokens, "=>")
        value = _type(tokens)
        _expect(tokens, "}")
        return "map", (key, value)
    if first == "[":
        return _array(tokens)
    if tokens and tokens[0] == ".size":
        _expect(tokens, ".size")
        return "size", int(tokens.pop(0))
    return "rule", first


def _array(tokens):
    least, most = 0, 1 << 16
    if tokens[0].isdigit():
        least = int(tokens.pop(0))
        most = int(tokens[1])
    if tokens[0] == "*":
        _expect(tokens, "*")
        if tokens[0].isdigit():
            tokens.pop(0)
        item = _type(tokens)
        _expect(tokens, "]")
        return "list", (least, most, item)
    fields = []
    while tokens[0] != "]":
        name = tokens.pop(0)
        _expect(tokens, ":")
        fields.append((name, _type(tokens)))
        if tokens[0] == ",":
            tokens.pop(0)
    _expect(tokens, "]")
    return "record", fields
