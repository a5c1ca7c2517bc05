"""The formula core: text is parsed, differentiated, compiled and traced here."""
