"""Figures of the boards: open, overdue, failed, struck, how fast, how satisfied, and how many answered at all."""
