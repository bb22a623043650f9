"""Documentation; `generate_ops.py` writes the page that is asked of the classes."""
