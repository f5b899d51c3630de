"""Pages anybody may read, without an account."""
