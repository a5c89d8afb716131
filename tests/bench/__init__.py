"""Measure this book's library, builds and pages beside others, in one run."""
