"""Files with some bytes changed, left out or put in by chance, for commands that must answer or refuse them."""


def mutated(whole, dice):
    """A copy of the bytes with one to eight changes; `dice` is a random.Random."""
    bytes_ = bytearray(whole)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(bytes_))
        bytes_[at:at + dice.randint(0, 2)] = bytes(dice.randrange(256) for _ in range(dice.randint(0, 2)))
    return bytes(bytes_)
