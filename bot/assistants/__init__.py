"""The door for assistants: language models that ask for numbers over the Model Context Protocol, and never compute one.

The protocol's package is an extra: nothing here imports it before it is served.
"""
