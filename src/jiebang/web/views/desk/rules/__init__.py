"""The author's desk: writing, trying, proposing and publishing rules."""
