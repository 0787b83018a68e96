"""Whatever can happen to a member has words, in every language."""

import pytest

from locales import LANGUAGES, texts
from loyalty.log import KINDS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_event_has_words_for_the_timeline(lang):
    """Add `timeline.<kind>` to the locales, in the words a member reads."""
    assert sorted(kind for kind in KINDS if f"timeline.{kind}" not in texts(lang)) == []
