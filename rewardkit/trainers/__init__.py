"""Suites in trainers: one module for each, none of which imports its trainer before it must."""
