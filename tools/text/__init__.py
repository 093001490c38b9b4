"""Texts: sentences, words, quotations, languages, what machines did to them."""
