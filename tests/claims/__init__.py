"""Sentences of the pages, each tried beyond the numbers that its page shows."""
