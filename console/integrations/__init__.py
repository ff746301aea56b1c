"""The outside turned into our models and our errors, once. Nothing above sees a library's exception."""
