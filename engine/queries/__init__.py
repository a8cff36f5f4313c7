"""Reads: frozen records for pages and programs. Denied unless `engine.casework.permissions` lets on."""
