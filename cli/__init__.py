"""The shell door: the command `loyalty`, with the same verbs as GraphQL."""
