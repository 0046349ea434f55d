"""Indicators I01-I27: tables of a round in, tables of results out; one room for each focus area."""
