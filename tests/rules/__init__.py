"""The rules floor: decisions are pure, so every test here is facts in, values out."""
