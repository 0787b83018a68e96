"""`polls/<key>.json`: a question to members, such as which benefits there should be next year."""

from typing import Annotated, Literal

from pydantic import Field

from rules.occasions import Occasion
from rules.parts import Key, Strict, Text

OPTIONS_MAX = 50


class Poll(Strict):
    """`polls/<key>.json`: the question, what can be answered, by whom, and when the counts are shown."""

    question: Text
    options: Annotated[dict[Key, Text], Field(min_length=2, max_length=OPTIONS_MAX)]
    voting: Occasion
    choices: Annotated[int, Field(ge=1, le=OPTIONS_MAX)] = 1  # How many options one may choose.
    changeable: bool = False  # Whether a vote may be changed until the poll closes.
    results: Literal["after_close", "after_vote", "always", "never"] = "after_close"
