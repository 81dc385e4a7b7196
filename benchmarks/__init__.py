"""Measurements that are run by hand: speed and quality, side by side in one run."""
