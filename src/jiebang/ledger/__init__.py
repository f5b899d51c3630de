"""What did happen: the public log. Waiting leaves, the sequencer, tiles, signed checkpoints, proofs, cursors."""
