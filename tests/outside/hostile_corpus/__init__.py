"""The families of hostile files; see `hostile.py`."""
