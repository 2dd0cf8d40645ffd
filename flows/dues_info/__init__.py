"""Dues and arrears."""
