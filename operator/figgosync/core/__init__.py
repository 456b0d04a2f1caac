"""The decisions: pure values in, pure values out."""
