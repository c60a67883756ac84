"""A made-up face that plays a challenge: what an eye would have seen of it, frame by frame, as docs/protocol.md says under "The challenge"."""

import math
import random
import struct

WEIGHTS = "dlib-resnet-v1/5pt"
CAMERA = ["An outsider's webcam", "uvcvideo", "046d", "0825", "A1", "1-4", False]

# How far a gesture takes the head from rest: shift, lift, roll, size.
_POSES = {1: (0, 0, 0, 0), 2: (0.25, 0, 0, 0), 3: (-0.25, 0, 0, 0), 4: (0, -0.12, 0, 0), 5: (0, 0.10, 0, 0), 6: (0, 0, 0.26, 0), 7: (0, 0, -0.26, 0),
          8: (0, 0, 0, 0.28)}
_CLOSER = 8
_EVERY, _REACTION, _MOVING = 80, 250, 400  # milliseconds
_WARM, _COOL = 2, 3


def play(challenge, face, seed=None):
    """The frames of a challenge, by the face of a number, or of a descriptor that is at hand."""
    noise = random.Random(seed)
    moves, at = [], 0
    for i, step in enumerate(challenge.steps):
        takes = _MOVING * (1.5 if _CLOSER in (step.gesture, challenge.steps[max(0, i - 1)].gesture) else 1)
        moves.append((at + _REACTION, takes, _POSES[step.gesture]) if i else (0, 1e-9, _POSES[step.gesture]))
        at += step.millis
    frames = []
    for offset in range(_EVERY // 2, at, _EVERY):
        landmarks, box = _draw(_pose(moves, offset), noise)
        frames.append([len(frames) + 1, offset, _index(challenge.steps, offset), 0, box, landmarks, _describe(face, noise), *_tones(challenge, offset, noise)])
    return frames


def seconds(challenge):
    return sum(step.millis for step in challenge.steps) / 1000


def direction(face):
    """The descriptor of a number's face, of which every frame has its own."""
    if isinstance(face, bytes):
        return face
    own = random.Random(face)
    return _descriptor([own.gauss(0, 1) for _ in range(128)])


def _describe(face, noise):
    """A descriptor of a face, with some noise."""
    return _descriptor([x + 0.0064 * noise.gauss(0, 1) for x in struct.unpack(">128f", direction(face))])


def _descriptor(v):
    """At the length that dlib gives."""
    length = math.sqrt(sum(x * x for x in v))
    return struct.pack(">128f", *(1.45 * x / length for x in v))


def _index(parts, offset):
    """Which step or shade stands at a time."""
    for i, part in enumerate(parts):
        offset -= part.millis
        if offset < 0:
            return i
    return len(parts) - 1


def _pose(moves, t):
    pose = [0.0] * 4
    for begins, takes, to in moves:
        if t >= begins:
            way = min(1, (t - begins) / takes)
            part = way**3 * (10 + way * (6 * way - 15))
            pose = [p + part * (q - p) for p, q in zip(pose, to)]
    return pose


def _single(value):
    """As IEEE 754 of 32 bits has it."""
    return struct.unpack(">f", struct.pack(">f", value))[0]


def _draw(pose, noise):
    """Landmarks and box in a picture of 640 by 480: the eyes are 60 pixels apart at rest, and a tilt moves the head about its neck."""
    shift, lift, roll, size = pose
    apart = 60 * math.exp(size) * math.cos(1.3 * shift)
    x, y = 320 + 132 * math.sin(roll), 220

    def at(dx, dy):
        return [_single(x + apart * (dx * math.cos(roll) - dy * math.sin(roll)) + noise.gauss(0, 0.3)),
                _single(y + apart * (dx * math.sin(roll) + dy * math.cos(roll)) + noise.gauss(0, 0.3))]

    points = [at(0.75, 0), at(0.25, 0), at(-0.75, 0), at(-0.25, 0), at(shift, 0.65 + lift)]
    return points, [_single(v) for v in (x - 1.2 * apart, y - 1.1 * apart, 2.4 * apart, 2.6 * apart)]


def _tones(challenge, offset, noise):
    """Skin, which the window's light changes a little, a tenth of a second late, and the room behind it, which it does not."""
    tint = challenge.light[_index(challenge.light, max(0, offset - 100))].tint
    lit = {_WARM: 0.03, _COOL: -0.03}.get(tint, 0)

    def tone(levels, lit):
        return [round(256 * (level * (1 + by) + noise.gauss(0, 0.3))) for level, by in zip(levels, (lit, 0, -lit))]

    return tone((150, 115, 95), lit), tone((120, 118, 112), 0)
