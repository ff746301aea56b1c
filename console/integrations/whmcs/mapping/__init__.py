"""Answers of WHMCS turned into our models, by section of the reference. Raise ValueError where one cannot be read."""
