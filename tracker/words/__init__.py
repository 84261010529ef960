"""EVERY sentence a person reads, by subject. Pure: numbers and codes in, plain words out.

`tests/test_words.py` holds all of them against the words that must never be said.
"""
