"""What the parameters of every action have in common: closed models, each with the name a policy writes."""

from typing import ClassVar

from rules.parts import Strict


class Params(Strict):
    """The parameters of one action."""

    name: ClassVar[str]
