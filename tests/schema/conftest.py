"""The shop of the stories, for what is asked of the schema itself."""

from tests.story.conftest import clock, house, lin, shop, texts

__all__ = ["clock", "house", "lin", "shop", "texts"]
